BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-TestModule
}

Describe 'Stop-TcpConnection' -Skip:(-not $IsLinux) {
    BeforeEach {
        if ((id -u) -ne 0) {
            Set-ItResult -Skipped -Because 'it takes root'
        }
        $connection = New-TestConnection
        $row = Get-TcpConnection -LocalPort $connection.Client.LocalEndPoint.Port -RemotePort $connection.Port
    }
    AfterEach {
        if ($connection) {
            $connection.Client.Dispose()
            $connection.Server.Dispose()
        }
    }

    It 'ends a connection: the owner gets ECONNABORTED, the peer a reset' {
        $row | Stop-TcpConnection -Confirm:$false
        { $connection.Client.Receive([byte[]]::new(1)) } | Should -Throw '*abort*'
        { $connection.Server.Receive([byte[]]::new(1)) } | Should -Throw '*reset*'
        Get-TcpConnection -LocalPort $row.LocalPort -RemotePort $row.RemotePort | Should -BeNullOrEmpty
    }

    It 'asks first, and -WhatIf only says' {
        [NetKeepAlive.PowerShell.Commands.StopTcpConnection].GetCustomAttributes($false).ConfirmImpact | Should -Contain 'High'
        $row | Stop-TcpConnection -WhatIf
        Stop-TcpConnection $row, $row -WhatIf
        $connection.Client.Send([byte[]]1) | Should -Be 1
    }

    It 'says of a connection that is gone: ENOENT, and goes on with the rest' {
        $other = New-TestConnection
        $second = Get-TcpConnection -LocalPort $other.Client.LocalEndPoint.Port -RemotePort $other.Port
        $connection.Client.Close(0)
        $row, $second | Stop-TcpConnection -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure.Count | Should -Be 1
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ENOENT,*'
        $failure[0].TargetObject | Should -Be $row
        Get-TcpConnection -LocalPort $second.LocalPort -RemotePort $second.RemotePort -State Established | Should -BeNullOrEmpty
        $other.Client.Dispose()
        $other.Server.Dispose()
    }

    It 'ends a listener only with -Force, in its own words; null is nothing' {
        $listener = New-TcpSocketListener 0 127.0.0.1
        Get-TcpConnection -LocalPort $listener.LocalPort | Stop-TcpConnection -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'EINVAL,*'
        $failure[0].Exception.Message | Should -BeLike '*listener*-Force*'
        Connect-TcpSocket 127.0.0.1 $listener.LocalPort | Close-Socket
        Get-TcpConnection -LocalPort $listener.LocalPort -State Listen | Stop-TcpConnection -Force -Confirm:$false
        Get-TcpConnection -LocalPort $listener.LocalPort -State Listen | Should -BeNullOrEmpty
        Stop-TcpConnection $null
        Stop-TcpConnection @()
        $listener.Dispose()
    }

    It 'takes whatever holds the socket: <Name>' -ForEach @(
        @{ Name = 'Socket'; Of = { $connection.Client } }
        @{ Name = 'SafeSocketHandle'; Of = { $connection.Client.SafeHandle } }
        @{ Name = 'NetworkStream'; Of = { [System.Net.Sockets.NetworkStream]::new($connection.Client) } }
    ) {
        Stop-TcpConnection (& $Of) -Confirm:$false
        { $connection.Server.Receive([byte[]]::new(1)) } | Should -Throw '*reset*'
    }

    It 'ends a connection and a listener of this module, and refuses what is none' {
        $listener = New-TcpSocketListener 0 127.0.0.1
        $client = Connect-TcpSocket 127.0.0.1 $listener.LocalPort
        $udp = [System.Net.Sockets.UdpClient]::new(0)
        $new = [System.Net.Sockets.Socket]::new('InterNetwork', 'Stream', 'Tcp')
        $client, 'x', $null, $udp, $new, $listener |
            Stop-TcpConnection -Force -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure.FullyQualifiedErrorId | Should -Be (
            'NotASocket', 'EOPNOTSUPP', 'ENOTCONN' | ForEach-Object { "$_,NetKeepAlive.PowerShell.Commands.StopTcpConnection" })
        $failure[0].TargetObject | Should -Be 'x'
        $failure[2].Exception.Message | Should -BeLike '*not connected*'
        Get-TcpConnection -LocalPort $listener.LocalPort | Should -BeNullOrEmpty
        $client, $udp, $new, $listener | ForEach-Object Dispose
    }
}
