BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'StreamTest.psm1')
    Import-TestModule
}

Describe 'Protect-Socket' {
    BeforeAll {
        $certificate = New-TestCertificate
        $pem = Export-TestCertificate $certificate $TestDrive server
        $clientCertificate = New-TestCertificate client.test
        $clientPem = Export-TestCertificate $clientCertificate $TestDrive client
    }

    Context 'as client of openssl s_server' {
        BeforeAll {
            # Starts one and connects to it.
            function Connect-OpenSsl([string[]]$Argument) {
                $process = Start-TestProcess openssl (@('s_server', '-accept', '127.0.0.1:0', '-cert', $pem, '-rev') + @($Argument | Where-Object { $_ }))
                $port = (Wait-TestOutput $process.StandardOutput '^ACCEPT .*:(\d+)')[1]
                [pscustomobject]@{ Process = $process; Socket = Connect-TcpSocket localhost $port -AddressFamily 4 }
            }
        }
        BeforeEach {
            Skip-WithoutTool openssl
        }
        AfterEach {
            ${server}?.Socket.Dispose()
            Stop-TestProcess $server.Process
            $server = $null
        }

        It 'talks <Version>, with keep-alive set before and after' -ForEach @(
            @{ Version = 'Tls12'; Argument = '-tls1_2' }
            @{ Version = 'Tls13'; Argument = '-tls1_3' }
        ) {
            $server = Connect-OpenSsl $Argument
            $socket = $server.Socket | Set-TcpKeepAlive -IdleTime 30 -PassThru | Protect-Socket -SkipCertificateCheck -Timeout 20
            $socket | Should -Be $server.Socket
            $socket | Protect-Socket -ErrorAction SilentlyContinue -ErrorVariable again
            $again[0].FullyQualifiedErrorId | Should -BeLike 'EALREADY,*'
            $again[0].CategoryInfo.Category | Should -Be ResourceExists
            $socket.Tls.Protocol | Should -Be $Version
            $socket.Tls.Cipher | Should -BeLike 'TLS_*'
            $socket.Tls.PeerCertificate.Thumbprint | Should -Be $certificate.Thumbprint
            # s_server -rev turns each line round.
            'olleh', 'dlrow' | ForEach-Object { "$_`n" | Send-SocketData $socket }
            ($socket | Receive-SocketData -Line -Count 2 -Timeout 20).Text | Should -Be 'hello', 'world'
            ($socket | Set-TcpKeepAlive -Interval 9 -PassThru | Get-TcpKeepAlive).IdleTime.TotalSeconds | Should -Be 30
        }

        It 'offers protocols by ALPN' {
            $server = Connect-OpenSsl '-alpn', 'second,first'
            ($server.Socket | Protect-Socket -SkipCertificateCheck -ApplicationProtocol first, second -Timeout 20).Tls.ApplicationProtocol |
                Should -Be 'second'
        }

        It 'shows a client certificate' {
            $server = Connect-OpenSsl '-Verify', '1', '-verify_return_error', '-CAfile', $clientPem
            $socket = $server.Socket | Protect-Socket -SkipCertificateCheck -ClientCertificate $clientCertificate -Timeout 20
            "abc`n" | Send-SocketData $socket
            ($socket | Receive-SocketData -Line -Timeout 20).Text | Should -Be 'cba'
        }

        It 'is refused without the client certificate that the server asks for' {
            $server = Connect-OpenSsl '-Verify', '1', '-verify_return_error', '-tls1_2'
            { $server.Socket | Protect-Socket -SkipCertificateCheck -Timeout 20 -ErrorAction Stop } |
                Should -Throw -ErrorId '*,NetKeepAlive.PowerShell.Commands.ProtectSocket'
        }

        It 'refuses a certificate for another name, in words' {
            $server = Connect-OpenSsl
            $server.Socket | Protect-Socket -TargetHost elsewhere.example -Timeout 20 -ErrorAction SilentlyContinue -ErrorVariable failure |
                Should -BeNullOrEmpty
            $failure[0].FullyQualifiedErrorId | Should -BeLike 'TlsFailed,*'
            $failure[0].CategoryInfo.Category | Should -Be SecurityError
            $failure[0].Exception.Message | Should -BeLike "*CN=localhost is not for 'elsewhere.example'*"
            $server.Socket.State | Should -Be Closed
        }

        It 'refuses a certificate that nobody vouches for' {
            $server = Connect-OpenSsl
            { $server.Socket | Protect-Socket -Timeout 20 -ErrorAction Stop } | Should -Throw '*not trusted*SkipCertificateCheck*'
        }

        It 'protects the socket of a TcpClient' {
            $server = Connect-OpenSsl
            $client = [System.Net.Sockets.TcpClient]::new('127.0.0.1', $server.Socket.RemotePort)
            $server.Socket.Dispose()
            $socket = $client | Protect-Socket -SkipCertificateCheck -Timeout 20
            $socket | Should -BeOfType NetKeepAlive.StreamSocket
            "abc`n" | Send-SocketData $client
            ($client | Receive-SocketData -Line -Timeout 20).Text | Should -Be 'cba'
            $client.Dispose()
        }
    }

    Context 'as server of openssl s_client' {
        It 'serves <Version> with ALPN' -ForEach @(
            @{ Version = 'Tls12'; Argument = '-tls1_2' }
            @{ Version = 'Tls13'; Argument = '-tls1_3' }
        ) {
            Skip-WithoutTool openssl
            $listener = New-TcpSocketListener 0 127.0.0.1 -IdleTime 33
            $client = Start-TestProcess openssl 's_client', '-connect', "127.0.0.1:$($listener.LocalPort)", '-servername', 'localhost', '-verify_return_error', '-CAfile', $pem, '-alpn', 'line/1', $Argument, '-quiet'
            try {
                $socket = $listener | Receive-SocketConnection -Timeout 20 |
                    Protect-Socket -AsServer -Certificate $certificate -ApplicationProtocol line/1 -SslProtocol $Version -Timeout 20
                $socket.Tls.Protocol | Should -Be $Version
                $socket.Tls.ApplicationProtocol | Should -Be 'line/1'
                $socket.Tls.TargetHost | Should -Be 'localhost'
                ($socket | Get-TcpKeepAlive).IdleTime | Should -Be '00:00:33'
                $client.StandardInput.WriteLine('from s_client')
                $client.StandardInput.Flush()
                ($socket | Receive-SocketData -Line -Timeout 20).Text | Should -Be 'from s_client'
                "to s_client`n" | Send-SocketData $socket
                $null = Wait-TestOutput $client.StandardOutput '^to s_client'
                $socket | Close-Socket
                $client.WaitForExit(20000) | Should -BeTrue -Because 'close_notify and FIN end it'
            } finally {
                ${socket}?.Dispose()
                $listener.Dispose()
                Stop-TestProcess $client
            }
        }

        It 'is asked by curl' {
            Skip-WithoutTool curl
            $listener = New-TcpSocketListener 0 127.0.0.1
            $client = Start-TestProcess curl '-sS', '--cacert', $pem, '--resolve', "localhost:$($listener.LocalPort):127.0.0.1", "https://localhost:$($listener.LocalPort)/x"
            try {
                $socket = $listener | Receive-SocketConnection -Timeout 20 | Protect-Socket -AsServer -Certificate $certificate -Timeout 20
                ($socket | Receive-SocketData -Line -Timeout 20).Text | Should -BeLike 'GET /x HTTP/*'
                "HTTP/1.0 200 OK`r`n`r`nhello, curl" | Send-SocketData $socket
                $socket | Close-Socket
                $client.StandardOutput.ReadToEnd() | Should -Be 'hello, curl'
            } finally {
                $listener.Dispose()
                Stop-TestProcess $client
            }
        }
    }

    It 'loses nothing of what was sent before a close, though session tickets lie unread' {
        Import-Module (Join-Path $PSScriptRoot 'SocketTest.psm1')
        # Who does not read for 2 s is given up: a round in which the machine made it so decides nothing.
        $inTime = $false
        for ($round = 1; -not $inTime -and $round -le 5; $round++) {
            $listener = New-TcpSocketListener -Address 127.0.0.1
            $client = Connect-TcpSocket 127.0.0.1 $listener.LocalPort
            $server = $listener | Receive-SocketConnection -Timeout 20
            $handshake = Start-TestPipeline { param($s, $c) $s | Protect-Socket -AsServer -Certificate $c -Timeout 20 } $server, $certificate
            $null = $client | Protect-Socket -SkipCertificateCheck -Timeout 20
            (Wait-TestPipeline $handshake).Errors | Should -BeNullOrEmpty
            $origin = Start-TestPipeline {
                param($s)
                Send-SocketData $s -InputObject ([byte[]]::new(8MB)) -Timeout 20
                Close-Socket $s
            } $client
            # It is sent and closed before the last of it is read.
            Start-Sleep -Milliseconds 50
            $length = 0
            $longest = [timespan]::Zero
            $clock = [System.Diagnostics.Stopwatch]::new()
            $server | Receive-SocketData -ToEnd -Timeout 20 -ErrorAction SilentlyContinue -ErrorVariable failure | ForEach-Object {
                if ($clock.Elapsed -gt $longest) { $longest = $clock.Elapsed }
                $clock.Restart()
                $length += $_.Length
                if ($length -gt 4MB) { Start-Sleep -Milliseconds 1 }
            }
            if ($clock.Elapsed -gt $longest) { $longest = $clock.Elapsed }
            $inTime = $longest.TotalSeconds -le 1.5
            $errors = (Wait-TestPipeline $origin).Errors
            Close-Socket $server, $listener
            if ($inTime) {
                $failure | Should -BeNullOrEmpty
                $length | Should -Be 8MB
                $errors | Should -BeNullOrEmpty
            }
        }
        $inTime | Should -BeTrue -Because 'the pieces come far closer to each other'
    }

    It 'shows progress of a handshake that takes more than a second' {
        $listener = New-TcpSocketListener 0 127.0.0.1
        $client = Connect-TcpSocket 127.0.0.1 $listener.LocalPort
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript('param($m, $socket) Import-Module $m; Protect-Socket $socket -Timeout 1.5')
            $null = $shell.AddArgument((Get-TestManifest)).AddArgument($client).Invoke()
            $shell.Streams.Error[0].FullyQualifiedErrorId | Should -BeLike 'Timeout,*'
            $shell.Streams.Progress[0].Activity | Should -Be 'TLS handshake'
            $shell.Streams.Progress[-1].RecordType | Should -Be Completed
        } finally {
            $shell.Dispose()
            Close-Socket $client, $listener
        }
    }

    It 'gives up after -Timeout, and stops at once when the pipeline is stopped' {
        $listener = New-TcpSocketListener 0 127.0.0.1
        try {
            $socket = Connect-TcpSocket 127.0.0.1 $listener.LocalPort
            { $socket | Protect-Socket -Timeout 0.2 -ErrorAction Stop } | Should -Throw -ErrorId 'Timeout,*'
            $shell = [powershell]::Create().AddScript({
                    param($module, $port)
                    Import-Module $module
                    Connect-TcpSocket 127.0.0.1 $port | Protect-Socket
                }).AddArgument((Get-TestManifest)).AddArgument($listener.LocalPort)
            $null = $shell.BeginInvoke()
            $null = $listener | Receive-SocketConnection -Count 2 -Timeout 20
            $clock = [System.Diagnostics.Stopwatch]::StartNew()
            $shell.Stop()
            $clock.Elapsed.TotalSeconds | Should -BeLessThan 20 -Because 'nobody will ever answer'
            $shell.Dispose()
        } finally {
            $listener.Dispose()
        }
    }

    It 'says <Id> of <What>' -ForEach @(
        @{ What = 'text'; Id = 'NotASocket'; Make = { 'abc' } }
        @{ What = 'a listener'; Id = 'EINVAL'; Make = { New-TcpSocketListener 0 127.0.0.1 } }
        @{ What = 'a message socket'; Id = 'EINVAL'; Make = { (New-UnixSocketPair Datagram)[0] } }
        @{ What = 'an SslStream'; Id = 'EINVAL'; Make = { [System.Net.Security.SslStream]::new([System.IO.MemoryStream]::new()) } }
        @{ What = 'a socket without a peer'; Id = 'ENOTCONN'; Make = { [System.Net.Sockets.Socket]::new('InterNetwork', 'Stream', 'Tcp') } }
        @{ What = 'a closed socket'; Id = 'EBADF'; Make = { $s = (New-UnixSocketPair Stream)[0]; $s.Dispose(); $s } }
    ) {
        $thing = & $Make
        $thing | Protect-Socket -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike "$Id,*"
        $failure[0].CategoryInfo.Category | Should -Not -Be NotSpecified
        if ($thing -is [System.IDisposable]) {
            $thing.Dispose()
        }
    }

    It 'ends with an error when another runspace closes the socket' {
        $pair = New-UnixSocketPair Stream
        $manifest = Get-TestManifest
        $waiting = Start-ThreadJob { Import-Module $using:manifest; $socket = $using:pair; $socket[0] | Protect-Socket -SkipCertificateCheck -Timeout 20 }
        Wait-Until { $waiting.State -eq 'Running' -and $pair[1].Socket.Available -gt 0 } 'the handshake'
        Close-Socket $pair[0]
        $null = $waiting | Wait-Job -Timeout 20
        $waiting.Error[0].FullyQualifiedErrorId | Should -BeLike 'EBADF,*'
        $waiting | Remove-Job -Force
        $pair | Close-Socket
    }

    It 'needs the private key of a certificate' {
        $public = [System.Security.Cryptography.X509Certificates.X509Certificate2]::new($certificate.RawData)
        $pair = New-UnixSocketPair Stream
        { $pair[0] | Protect-Socket -AsServer -Certificate $public -ErrorAction Stop } | Should -Throw '-Certificate: *no private key*'
        { $pair[0] | Protect-Socket -TargetHost x -ClientCertificate $public -ErrorAction Stop } | Should -Throw '-ClientCertificate: *no private key*'
        Protect-Socket $pair -AsServer -Certificate $public -ErrorAction SilentlyContinue -ErrorVariable failures
        $failures.Count | Should -Be 2 -Because 'it takes many as an argument, too'
        $pair | Close-Socket
    }
}
