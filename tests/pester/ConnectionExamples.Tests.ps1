BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-Module (Join-Path $PSScriptRoot 'SocketTest.psm1')
    Import-TestModule
    $examples = Join-Path $PSScriptRoot '../../examples'
}

Describe 'The examples of connections' -Skip:(-not $IsLinux) {
    It 'Restart-DrainedService waits for the last connection, and restarts' {
        $listener = New-TcpSocketListener 0 127.0.0.1
        $client = Connect-TcpSocket 127.0.0.1 $listener.LocalPort
        $server = Receive-SocketConnection $listener
        & $examples/Restart-DrainedService.ps1 -Port $listener.LocalPort -Timeout 0.2 -Restart { 'restarted' } -WarningVariable warning -WarningAction SilentlyContinue |
            Should -Be restarted
        $warning | Should -BeLike '*connection*did not end*'
        Close-Socket $client, $server -Reset
        & $examples/Restart-DrainedService.ps1 -Port $listener.LocalPort -Timeout 20 -Restart { 'again' } -WarningVariable warning | Should -Be again
        $warning | Should -BeNullOrEmpty
        Close-Socket $listener
    }

    It 'Get-SocketUser tells of a port and of a path' {
        $listener = New-TcpSocketListener 0 127.0.0.1
        $client = Connect-TcpSocket 127.0.0.1 $listener.LocalPort
        # A connection of somebody else may have the port at its other end.
        $users = & $examples/Get-SocketUser.ps1 $listener.LocalPort | Where-Object Id -EQ $PID
        $users.Role | Should -Be 'listens', 'is connected'
        $users.Id | Should -Be $PID, $PID
        Close-Socket $client, $listener
        $folder = New-TestFolder
        $listener = New-UnixSocketListener "$folder/x.sock"
        $client = Connect-UnixSocket "$folder/x.sock"
        $server = Receive-SocketConnection $listener
        $users = & $examples/Get-SocketUser.ps1 "$folder/x.sock"
        ($users.Role | Sort-Object) | Should -Be 'is connected', 'listens'
        $users.Id | Should -Be $PID, $PID
        Close-Socket $client, $server, $listener
        Remove-Item $folder -Recurse
    }

    It 'Get-ContainerConnection counts' {
        if ((id -u) -ne 0) {
            Set-ItResult -Skipped -Because 'it takes root'
        }
        $rows = & $examples/Get-ContainerConnection.ps1
        foreach ($row in $rows) {
            $row.Connections | Should -BeGreaterThan 0
            $row.AtRisk | Should -BeLessOrEqual $row.Connections
        }
    }

    It 'ServiceConnection.Tests.ps1 passes for a good service, and fails for one without keep-alive' {
        $good = New-TcpSocketListener 0 127.0.0.1 -IdleTime 30 -Interval 10 -ProbeCount 3
        $client = Connect-TcpSocket 127.0.0.1 $good.LocalPort
        $server = Receive-SocketConnection $good
        $pester = (Get-Module Pester).Path
        $check = {
            param($port)
            $env:SERVICE_PORT = $port
            Invoke-TestPwsh -NoLogo -NoProfile -Command "Import-Module '$pester'; Import-Module '$(Get-TestManifest)'; `$r = Invoke-Pester '$examples/ServiceConnection.Tests.ps1' -PassThru -Output None; `"`$(`$r.PassedCount) `$(`$r.FailedCount)`""
            $env:SERVICE_PORT = $null
        }
        & $check $good.LocalPort | Select-Object -Last 1 | Should -Be '4 0'
        $server | Set-TcpKeepAlive -Disable
        & $check $good.LocalPort | Select-Object -Last 1 | Should -Be '3 1'
        Close-Socket $client, $server, $good
    }
}
