# A check for Pester: is the death of every database that a program here is connected to noticed within 60 s?
#
#     Invoke-Pester ./examples/DatabaseKeepAlive.Tests.ps1
#
# $env:DATABASE_PORT names other ports than those of PostgreSQL, MySQL, SQL Server and Redis, separated by commas.

BeforeDiscovery {
    if (-not (Get-Module NetKeepAlive)) {
        # The one of this clone or package; else the one that is installed.
        $beside = Join-Path $PSScriptRoot '..'
        Import-Module ((Test-Path "$beside/module/NetKeepAlive.dll") ? "$beside/NetKeepAlive.psd1" : 'NetKeepAlive')
    }
    $ports = if ($env:DATABASE_PORT) { $env:DATABASE_PORT -split ',' } else { 5432, 3306, 1433, 6379 }
    $connections = @(Get-TcpConnection -RemotePort $ports -State Established -KeepAlive)
}

Describe 'Connections to databases' {
    It 'are there' -ForEach @{ Count = $connections.Count; Ports = $ports } {
        $Count | Should -BeGreaterThan 0 -Because "without one to port $($Ports -join ', ') nothing was checked"
    }

    It '<_> of <_.OwningProcessName> (<_.OwningProcess>): a dead database is noticed within 60 s' -ForEach $connections {
        $_.KeepAlive | Should -Not -BeNullOrEmpty -Because 'its settings can be read by its owner or root'
        $_.KeepAlive.Enabled | Should -BeTrue
        $_.KeepAlive.DetectionTime | Should -BeLessOrEqual ([timespan]::FromSeconds(60))
    }
}
