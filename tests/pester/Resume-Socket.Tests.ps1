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
}
