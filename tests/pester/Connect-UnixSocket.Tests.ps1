BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'StreamTest.psm1')
    Import-Module (Join-Path $PSScriptRoot 'SocketTest.psm1')
    Import-TestModule
}

Describe 'Connect-UnixSocket' {
    BeforeEach {
        $path = Join-Path $TestDrive "$([guid]::NewGuid().ToString('N').Substring(0, 8)).sock"
    }
    AfterEach {
        $listener, $client, $accepted | Where-Object { $_ } | ForEach-Object Dispose
        $listener = $client = $accepted = $null
    }

    It 'connects to a path, also one from PowerShell''s location' {
        $listener = New-UnixSocketListener $path
        Push-Location $TestDrive
        try {
            $client = Connect-UnixSocket (Split-Path $path -Leaf)
        } finally {
            Pop-Location
        }
        $client | Should -BeOfType NetKeepAlive.StreamSocket
        $client.AddressFamily | Should -Be Unix
        $client.RemotePath | Should -Be $path
        $accepted = $listener | Receive-SocketConnection -Timeout 10
        'hello' | Send-SocketData $client
        ($accepted | Receive-SocketData -Timeout 10).Text | Should -Be hello
    }

    It 'connects to an abstract name' {
        $listener = New-UnixSocketListener -AbstractName "netkeepalive-$PID-c"
        $client = Connect-UnixSocket -AbstractName "netkeepalive-$PID-c"
        $client.RemotePath | Should -Be "@netkeepalive-$PID-c"
    }

    It 'talks with socat, and half-closes' {
        Skip-WithoutTool socat
        $socat = Start-TestProcess socat '-t', '20', "UNIX-LISTEN:$path", 'EXEC:"tr a-z A-Z"'
        try {
            # The file is there before anybody listens.
            Wait-Until { $script:first = Connect-UnixSocket $path -AllowHalfOpen -ErrorAction Ignore; $script:first } 'socat'
            $client = $script:first
            'to be shouted' | Send-SocketData $client
            $client | Disconnect-Socket
            -join ($client | Receive-SocketData -ToEnd -Timeout 20).Text | Should -Be 'TO BE SHOUTED'
        } finally {
            Stop-TestProcess $socat
        }
    }

    It 'says <Id> of <What>' -ForEach @(
        @{ What = 'a path without a socket'; Id = 'ENOENT'; Make = { } }
        @{ What = 'a file'; Id = 'ECONNREFUSED'; Make = { 'x' | Set-Content $args[0] } }
        @{ What = 'a socket of another type'; Id = 'EPROTOTYPE'; Make = { $script:other = New-UnixDatagramSocket $args[0] } }
    ) {
        & $Make $path
        { Connect-UnixSocket $path -ErrorAction Stop } | Should -Throw -ErrorId "$Id,*"
        ${script:other}?.Dispose()
        $script:other = $null
    }

    It 'says of an abstract name that nobody has it, not that a file is there' {
        Skip-WithoutLinux
        Connect-UnixSocket -AbstractName "nobody-$([guid]::NewGuid())" -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ECONNREFUSED,*'
        $failure[0].Exception.Message | Should -BeLike '*abstract name*'
        $failure[0].Exception.Message | Should -Not -BeLike '*file*'
    }

    It 'says PathTooLong' {
        { Connect-UnixSocket ('/tmp/' + 'x' * 200) -ErrorAction Stop } | Should -Throw -ErrorId 'PathTooLong,*'
    }

    It 'waits for a full queue no longer than -Timeout' {
        $listener = New-UnixSocketListener $path -Backlog 1
        $clients = 1..5 | ForEach-Object { Connect-UnixSocket $path -Timeout 0.2 -ErrorAction SilentlyContinue -ErrorVariable +failures }
        $failures[0].FullyQualifiedErrorId | Should -BeLike 'Timeout,*'
        $clients | Close-Socket
    }
}
