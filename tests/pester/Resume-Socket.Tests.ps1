BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-TestModule
}

# What it does is tested with Suspend-Socket.
Describe 'Resume-Socket' {
    It 'is harmless where nothing rests' {
        $a, $b = New-UnixSocketPair
        $a, $b | Resume-Socket -ErrorAction Stop
        $a.IsSuspended | Should -BeFalse
        Close-Socket $a, $b
    }

    It 'ends a rest before its -Duration' {
        $a, $b = New-UnixSocketPair
        $a | Suspend-Socket -Duration 1h
        $a.IsSuspended | Should -BeTrue
        $a | Resume-Socket
        $a.IsSuspended | Should -BeFalse
        Close-Socket $a, $b
    }

    It 'says that a socket is closed, as Suspend-Socket does' {
        $a, $b = New-UnixSocketPair
        $listener = New-TcpSocketListener 0 127.0.0.1
        $a | Suspend-Socket
        Close-Socket $a, $b, $listener
        $a, $b, $listener | Suspend-Socket -ErrorAction SilentlyContinue -ErrorVariable suspended
        $a, $b, $listener | Resume-Socket -ErrorAction SilentlyContinue -ErrorVariable resumed
        $resumed | Should -HaveCount 3
        $resumed.FullyQualifiedErrorId | Should -BeLike 'EBADF,*'
        $resumed.Exception.Message | Should -Be $suspended.Exception.Message
    }
}
