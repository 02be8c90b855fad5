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
