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
        $connection.Client.Dispose()
        $connection.Server.Dispose()
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
}
