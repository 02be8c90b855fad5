BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-TestModule
}

Describe 'Get-UdpEndpoint' -Skip:(-not $IsLinux) {
    It 'lists receivers and connected sockets with their owner' {
        $receiver = [System.Net.Sockets.UdpClient]::new([System.Net.IPEndPoint]::new([ipaddress]::Loopback, 0))
        $port = $receiver.Client.LocalEndPoint.Port
        $sending = [System.Net.Sockets.UdpClient]::new('127.0.0.1', $port)
        $row = Get-UdpEndpoint 127.0.0.1 $port
        $row | Should -BeOfType NetKeepAlive.UdpEndpoint
        $row.OwningProcess | Should -Be $PID
        $row.FileDescriptor | Should -Be ([int]$receiver.Client.Handle)
        $row.RemoteAddress | Should -BeNullOrEmpty
        $row.Drops | Should -Be 0
        "$row" | Should -Be "udp:127.0.0.1:$port"
        (Get-UdpEndpoint -RemotePort $port -OwningProcess $PID).LocalPort | Should -Be $sending.Client.LocalEndPoint.Port
        Get-UdpEndpoint -LocalPort $port -ExcludeLoopback | Should -BeNullOrEmpty
        ($row | Out-String -Width 80) | Should -Match "127\.0\.0\.1:$port .*\($PID\)"
        $sending.Dispose()
        $receiver.Dispose()
    }

    It 'takes a row from CSV of which nobody is seen to be the owner' {
        $receiver = [System.Net.Sockets.UdpClient]::new([System.Net.IPEndPoint]::new([ipaddress]::Loopback, 0))
        $row = Get-UdpEndpoint 127.0.0.1 $receiver.Client.LocalEndPoint.Port | Select-Object LocalAddress, LocalPort, OwningProcess, NetworkNamespace
        $row.OwningProcess = $null
        ($row | ConvertTo-Csv | ConvertFrom-Csv | Get-UdpEndpoint -ErrorAction Stop).LocalPort | Should -Be $row.LocalPort
        $receiver.Dispose()
    }

    It 'counts what waits and what was dropped' {
        $receiver = [System.Net.Sockets.UdpClient]::new([System.Net.IPEndPoint]::new([ipaddress]::IPv6Loopback, 0))
        $receiver.Client.ReceiveBufferSize = 4096
        $port = $receiver.Client.LocalEndPoint.Port
        $sending = [System.Net.Sockets.UdpClient]::new('::1', $port)
        foreach ($i in 1..100) {
            $null = $sending.Send([byte[]]::new(1000), 1000)
        }
        Wait-Until { ($script:row = Get-UdpEndpoint -LocalPort $port).Drops } 'a full queue'
        $row.ReceiveQueue | Should -BeGreaterThan 0
        $row.Drops | Should -BeGreaterThan 0
        $sending.Dispose()
        $receiver.Dispose()
    }
}
