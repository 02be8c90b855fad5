BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-TestModule
}

Describe 'Get-TcpInfo' -Skip:(-not $IsLinux) {
    BeforeEach {
        $connection = New-TestConnection
    }
    AfterEach {
        $connection.Client.Dispose()
        $connection.Server.Dispose()
    }

    It 'reads a socket and a row of the table alike' {
        $null = $connection.Client.Send([byte[]]::new(5000))
        Wait-Until { $connection.Server.Available -eq 5000 } 'the data'
        $own = $connection.Client | Get-TcpInfo
        $listed = Get-TcpConnection -LocalPort $connection.Client.LocalEndPoint.Port -RemotePort $connection.Port | Get-TcpInfo
        $own | Should -BeOfType NetKeepAlive.TcpInfo
        foreach ($info in $own, $listed) {
            $info.State | Should -Be 'Established'
            $info.BytesSent | Should -Be 5000
            $info.RoundTripTime | Should -BeGreaterThan ([timespan]::Zero)
            $info.LastDataSent.TotalSeconds | Should -BeLessThan 20
        }
        ($connection.Server | Get-TcpInfo).BytesReceived | Should -Be 5000
        (Get-TcpInfo $connection.Client, $connection.Server).Count | Should -Be 2 -Because 'it takes many as an argument, too'
        $connection.Client, $connection.Server | Get-TcpInfo | Out-String -Width 120 |
            Should -Match "127\.0\.0\.1:\d+ -> 127\.0\.0\.1:$($connection.Port)\s+Established"
    }

    It 'counts what waits in the queues, of a socket in hand and of a row' {
        $connection.Client.Blocking = $false
        $bytes = [byte[]]::new(100000)
        $sent = 0
        try {
            while ($sent -lt 100MB) {
                $sent += $connection.Client.Send($bytes)
            }
        } catch {
            $_.Exception.InnerException.SocketErrorCode | Should -Be WouldBlock
        }
        Wait-Until { (Get-TcpInfo $connection.Client).SendQueue + (Get-TcpInfo $connection.Server).ReceiveQueue -eq $sent } 'all that was sent in the queues'
        # Bytes go on from one queue to the other until that is full: nothing has gone between two looks that are equal.
        $seen = @{}
        Wait-Until {
            $seen.Before = (Get-TcpInfo $connection.Client).SendQueue
            $seen.Row = Get-TcpConnection -LocalPort $connection.Client.LocalEndPoint.Port -RemotePort $connection.Port
            $seen.Told = ($seen.Row | Get-TcpInfo).SendQueue
            (Get-TcpInfo $connection.Client).SendQueue -eq $seen.Before
        } 'the queues to rest'
        $row = $seen.Row
        $seen.Before | Should -BeGreaterThan 0
        $row.SendQueue | Should -Be $seen.Before
        $seen.Told | Should -Be $row.SendQueue
        $row.Info.SendQueue | Should -Be $row.SendQueue
    }

    It 'counts the queue of each of the listeners that share a port' {
        $listeners = New-ReuseportListener 0 ::1 -Count 3
        $clients = 1..6 | ForEach-Object { Connect-TcpSocket ::1 $listeners[0].LocalPort }
        Wait-Until { (Get-TcpInfo $listeners | Measure-Object AcceptQueue -Sum).Sum -ge 6 } 'all connections in the queues'
        (Get-TcpInfo $listeners | Measure-Object AcceptQueue -Sum).Sum | Should -Be 6
        $clients, $listeners | Close-Socket
        $new = [System.Net.Sockets.Socket]::new('InterNetwork', 'Stream', 'Tcp')
        (Get-TcpInfo $new).SendQueue | Should -BeNullOrEmpty
        $new.Dispose()
    }

    It 'shows both ends of a dual-stack connection, on two lines where one is too short' {
        $listener = New-TcpSocketListener
        $client = Connect-TcpSocket 127.0.0.1 $listener.LocalPort
        # The client's end stands before the other does.
        Wait-Until { Get-TcpConnection -LocalPort $listener.LocalPort -State Established } 'the connection'
        $text = Get-TcpConnection -LocalPort $listener.LocalPort -State Established | Get-TcpInfo | Out-String -Width 120
        ($text -split '\n' | ForEach-Object { $_.PadRight(40).Substring(0, 40).Trim() }) -join '' | Should -Match ":$($client.LocalPort)"
        $text -split '\n' | Where-Object Length -GT 120 | Should -BeNullOrEmpty
        Close-Socket $client, $listener
    }

    It 'reports what has none and goes on with the rest' {
        $udp = [System.Net.Sockets.UdpClient]::new()
        $gone = Get-TcpConnection -LocalPort $connection.Client.LocalEndPoint.Port -RemotePort $connection.Port
        $other = New-TestConnection
        $connection.Client.Close(0)
        $info = 'abc', $udp, $gone, $other.Client | Get-TcpInfo -ErrorAction SilentlyContinue -ErrorVariable failures
        @($info).Count | Should -Be 1
        $failures[0].FullyQualifiedErrorId | Should -BeLike 'NotASocket,*'
        $failures[1].FullyQualifiedErrorId | Should -Match '^(ENOPROTOOPT|EOPNOTSUPP),'
        $failures[2].FullyQualifiedErrorId | Should -BeLike 'ENOENT,*'
        $udp.Dispose()
        $other.Client.Dispose()
        $other.Server.Dispose()
    }
}
