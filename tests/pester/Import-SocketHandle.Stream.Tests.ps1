BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'StreamTest.psm1')
    Import-TestModule
}

Describe 'Import-SocketHandle -Activation' {
    It 'serves on the TCP and Unix listeners that systemd passes' {
        Skip-WithoutTool systemd-socket-activate
        $port = Get-FreePort
        $path = Join-Path $TestDrive 'activated.sock'
        $script = "Import-Module '$(Get-TestManifest)'; `$l = Import-SocketHandle -Activation; `$l.Kind -join ','; `$job = `$l | Start-SocketServer { param(`$s) `$s | Receive-SocketData -ToEnd | Send-SocketData }; `$job | Wait-Job"
        $server = Start-TestProcess systemd-socket-activate (@('-l', "127.0.0.1:$port", '-l', $path) + (Get-TestPwsh) + @('-NoProfile', '-NonInteractive', '-Command', $script))
        try {
            Wait-Until { Test-Path $path } 'the socket of systemd-socket-activate'
            # The first connection starts the program and waits in the queue meanwhile.
            $tcp = Connect-TcpSocket 127.0.0.1 $port
            'over TCP' | Send-SocketData $tcp
            ($tcp | Receive-SocketData -Timeout 60).Text | Should -Be 'over TCP'
            $unix = Connect-UnixSocket $path
            'over Unix' | Send-SocketData $unix
            ($unix | Receive-SocketData -Timeout 20).Text | Should -Be 'over Unix'
            $server.StandardOutput.ReadLine() | Should -Be 'Tcp,UnixStream'
            $tcp, $unix | Close-Socket
        } finally {
            Stop-TestProcess $server
        }
    }
}
