BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-Module (Join-Path $PSScriptRoot 'SocketTest.psm1')
    Import-TestModule
}

Describe 'Close-Socket' {
    It 'closes a <What>, twice without harm' -ForEach @(
        @{ What = 'socket'; Make = { (New-UnixSocketPair)[0] } }
        @{ What = 'listener'; Make = { New-SeqpacketListener (Join-Path $TestDrive "l$(Get-Random)") } }
        @{ What = 'TcpClient'; Make = { [System.Net.Sockets.TcpClient]::new() } }
        @{ What = 'UdpClient'; Make = { [System.Net.Sockets.UdpClient]::new() } }
        @{ What = 'Socket'; Make = { [System.Net.Sockets.Socket]::new('Stream', 'Tcp') } }
        @{ What = 'SafeSocketHandle'; Make = { [System.Net.Sockets.Socket]::new('Stream', 'Tcp').SafeHandle } }
    ) {
        $socket = & $Make
        Close-Socket $socket
        Close-Socket $socket -ErrorAction Stop
        { $socket | Get-SocketOption Type -ErrorAction Stop } | Should -Throw '*closed*'
    }

    It 'ends the connection for the peer' {
        $a, $b = New-UnixSocketPair
        Close-Socket $a
        @($b | Receive-SocketData -Timeout 5 -ErrorAction Stop).Count | Should -Be 0
        'x' | Send-SocketData $b -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'EPIPE,*'
        Close-Socket $b
    }

    It 'resets a TCP connection with -Reset' {
        $connection = New-TestConnection
        Close-Socket $connection.Client -Reset
        $connection.Server | Receive-SocketData -Timeout 5 -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ECONNRESET,*'
        Close-Socket $connection.Server
    }

    It 'refuses -Reset of what is not a TCP connection, and leaves it open' {
        $a, $b = New-UnixSocketPair Stream
        Close-Socket $a -Reset -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'EOPNOTSUPP,*'
        $failure[0].Exception.Message | Should -BeLike '*TCP*'
        $a.IsClosed | Should -BeFalse
        Close-Socket $a, $b
    }

    It 'closes no other program''s socket: a row of Get-TcpConnection is for Stop-TcpConnection' {
        Skip-WithoutLinux
        $connection = New-TestConnection
        Get-TcpConnection -LocalPort $connection.Port -RemotePort $connection.Client.LocalEndPoint.Port |
            Close-Socket -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'NotASocket,*'
        $failure[0].Exception.Message | Should -BeLike '*Stop-TcpConnection*'
        Close-Socket $connection.Client, $connection.Server
    }

    It 'delivers what was sent before' {
        $connection = New-TestConnection
        $client = [NetKeepAlive.NetSocket]::FromHandle($connection.Client.SafeHandle)
        'x' * 100000 | Send-SocketData $client
        Close-Socket $client
        $received = $connection.Server | Receive-SocketData -ToEnd -Timeout 10
        ($received | Measure-Object Length -Sum).Sum | Should -Be 100000
        Close-Socket $connection.Server
    }

    It 'takes lists in a list, null and empty ones too, as a finally block has them' {
        $listener = New-TcpSocketListener 0 127.0.0.1
        $clients = @(1..2 | ForEach-Object { Connect-TcpSocket 127.0.0.1 $listener.LocalPort })
        $none = @()
        Close-Socket $listener, $clients, $unset, $none, @($null) -ErrorAction Stop
        $listener.IsClosed, $clients[0].IsClosed, $clients[1].IsClosed | Should -Be $true, $true, $true
        Close-Socket -Socket $null -ErrorAction Stop
        Close-Socket -Listener @() -ErrorAction Stop
    }

    It 'refuses what is no socket and closes the others' {
        $a, $b = New-UnixSocketPair
        'text', $a, $null, $b | Close-Socket -ErrorAction SilentlyContinue -ErrorVariable failures
        $failures.Count | Should -Be 1
        $failures[0].FullyQualifiedErrorId | Should -BeLike 'NotASocket,*'
        $a.IsClosed, $b.IsClosed | Should -Be $true, $true
    }

    It 'takes null and an empty array as nothing' {
        $a, $b = New-UnixSocketPair
        $unset = $null
        Close-Socket $unset -ErrorAction Stop
        Close-Socket @() -ErrorAction Stop
        Close-Socket $a, $unset, $b -ErrorAction Stop
        $a.IsClosed, $b.IsClosed | Should -Be $true, $true
    }

    It 'keeps a process that exits until its peer has got all, 2 s at the most' {
        Skip-WithoutLinux
        # It decides nothing where this process is held off from reading for so long.
        $inTime = $false
        for ($round = 1; -not $inTime -and $round -le 5; $round++) {
            $listener = New-TcpSocketListener -Address 127.0.0.1 -AllowHalfOpen
            # The two processes have the same clock.
            $script = "Import-Module '$(Get-TestManifest)'; `$s = Connect-TcpSocket 127.0.0.1 $($listener.LocalPort); Send-SocketData -InputObject ([byte[]]::new(3000000)) -Socket `$s; Close-Socket `$s; `"closed `$([System.Diagnostics.Stopwatch]::GetTimestamp())`""
            $process = Start-TestPwsh '-NoLogo', '-NoProfile', '-NonInteractive', '-Command', $script
            try {
                $peer = $listener | Receive-SocketConnection -Timeout 60
                $received = 0
                # This side sends, too, and goes on after the other has closed: close(2) alone would reset the connection.
                while ($message = $peer | Receive-SocketData -Timeout 30) {
                    $received += $message.Length
                    'more' | Send-SocketData $peer -ErrorAction SilentlyContinue
                }
                $ended = [System.Diagnostics.Stopwatch]::GetTimestamp()
                $word, $closed = $process.StandardOutput.ReadLine() -split ' '
                $word | Should -Be closed
                $clock = [System.Diagnostics.Stopwatch]::StartNew()
                $inTime = [System.Diagnostics.Stopwatch]::GetElapsedTime($closed, $ended).TotalSeconds -le 1.5
                if ($inTime) {
                    $received | Should -Be 3000000
                }

                # This side never ends.
                $process.WaitForExit(20000) | Should -BeTrue
                $clock.Elapsed.TotalSeconds | Should -BeLessThan 10
            } finally {
                Stop-TestProcess $process
                Close-Socket $peer, $listener
            }
        }
        $inTime | Should -BeTrue -Because 'reading all takes far less'
    }

    It 'hands on what waits to be accepted with -Drain' {
        $listener = New-UnixSocketListener "@nka-drain-$([guid]::NewGuid().ToString('N'))"
        $client = Connect-UnixSocket $listener.LocalPath -Timeout 20
        $waiting = $listener | Close-Socket -Drain
        $listener.IsClosed | Should -BeTrue
        $waiting | Should -BeOfType NetKeepAlive.StreamSocket
        'hello' | Send-SocketData -Socket $waiting
        ($client | Receive-SocketData -Timeout 20).Text | Should -Be 'hello'
        $client, $waiting | Close-Socket
    }

    It 'hands on with -Drain more than -MaxConnection lets in' {
        $listener = New-TcpSocketListener 0 127.0.0.1 -MaxConnection 1
        $clients = 1..3 | ForEach-Object { Connect-TcpSocket 127.0.0.1 $listener.LocalPort }
        Wait-Until { (Get-TcpConnection -LocalPort $listener.LocalPort -State Established).Count -ge 3 } 'all to wait'
        $waiting = @($listener | Close-Socket -Drain)
        $waiting.Count | Should -Be 3
        $clients + $waiting | Close-Socket
    }

    It 'closes by method, and what it prints never is the path of a file' {
        $listener = New-UnixSocketListener (Join-Path $TestDrive 's')
        "$listener" | Should -Be "unix:$(Join-Path $TestDrive 's')"
        $listener.Close()
        $listener.IsClosed | Should -BeTrue
    }

    It 'lets an event handler answer the last data before its side ends' {
        $listener = New-TcpSocketListener -Address localhost
        $source = "nka$([guid]::NewGuid().ToString('N'))"
        $client = Connect-TcpSocket "localhost:$($listener.LocalPort)" -AllowHalfOpen
        $server = $listener | Receive-SocketConnection -Timeout 20
        $null = Register-ObjectEvent $server DataReceived -SourceIdentifier $source -Action {
            Send-SocketData -Socket $Event.Sender -InputObject $EventArgs.Data
        }
        try {
            'last' | Send-SocketData -Socket $client
            $client | Disconnect-Socket
            $until = [DateTime]::UtcNow.AddSeconds(20)
            while (-not $server.IsClosed -and [DateTime]::UtcNow -lt $until) {
                $null = Wait-Event -SourceIdentifier 'nobody' -Timeout 1
            }

            ($client | Receive-SocketData -ToEnd -Timeout 20 | ForEach-Object Text) -join '' | Should -Be 'last'
        } finally {
            Unregister-Event -SourceIdentifier $source
            $client, $server, $listener | Close-Socket
        }
    }
}
