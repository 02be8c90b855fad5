BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'StreamTest.psm1')
    Import-TestModule
}

Describe 'Close-Socket on TCP connections' {
    It 'sends <Flag> <How>' -ForEach @(
        @{ How = 'with -Reset'; Reset = $true; Flag = 'RST' }
        @{ How = 'without'; Reset = $false; Flag = 'FIN' }
    ) {
        Skip-WithoutTool tcpdump
        if ((id -u) -ne 0) {
            Set-ItResult -Skipped -Because 'tcpdump needs root'
        }
        $listener = New-TcpSocketListener 0 127.0.0.1
        $dump = Start-TestProcess tcpdump '-i', 'lo', '-n', '-l', '-U', '--immediate-mode', "tcp port $($listener.LocalPort) and tcp[tcpflags] & (tcp-rst|tcp-fin) != 0"
        try {
            $null = Wait-TestOutput $dump.StandardError 'listening on'
            $client = Connect-TcpSocket 127.0.0.1 $listener.LocalPort
            $accepted = $listener | Receive-SocketConnection -Timeout 10
            $port = $accepted.RemotePort
            $accepted | Close-Socket -Reset:$Reset
            $seen = (Wait-TestOutput $dump.StandardOutput "127\.0\.0\.1\.$($listener.LocalPort) > 127\.0\.0\.1\.$port`: Flags \[([^]]*)\]")[1]
            $seen | Should -BeLike ($Reset ? '*R*' : '*F*')
            $seen | Should -Not -BeLike ($Reset ? '*F*' : '*R*')
            $client | Receive-SocketData -Timeout 10 -ErrorAction SilentlyContinue -ErrorVariable failure | Should -BeNullOrEmpty
            if ($Reset) {
                $failure[0].FullyQualifiedErrorId | Should -BeLike 'ECONNRESET,*'
            } else {
                $failure | Should -BeNullOrEmpty
            }
        } finally {
            Stop-TestProcess $dump
            $client, $listener | Where-Object { $_ } | ForEach-Object Dispose
        }
    }

    It 'ends a TLS connection that somebody waited on, in order' {
        $certificate = New-TestCertificate
        $manifest = Get-TestManifest
        $peer, $socket = New-UnixSocketPair Stream
        $server = Start-ThreadJob { Import-Module $using:manifest; $using:peer | Protect-Socket -AsServer -Certificate $using:certificate -Timeout 20 }
        $null = $socket | Protect-Socket -SkipCertificateCheck -Timeout 20
        $null = $server | Receive-Job -Wait -AutoRemoveJob
        $peer | Receive-SocketData -Timeout 0.1 -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        'last words' | Send-SocketData $peer
        $peer | Close-Socket
        -join ($socket | Receive-SocketData -ToEnd -Timeout 10).Text | Should -Be 'last words'
        $socket | Close-Socket
    }
}
