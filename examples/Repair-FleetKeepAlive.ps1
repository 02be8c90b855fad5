<#
.SYNOPSIS
    Finds every established connection without keep-alive on a fleet of hosts, and turns it on.
.DESCRIPTION
    Goes to all hosts at once by PowerShell's remoting over SSH. The module must be there, on each host. Programs are
    neither stopped nor restarted: what changes is the option of their sockets.

    Emits a row for each connection that had none, as it is afterwards: KeepAlive says what it has now. With -WhatIf it
    only lists them.
.EXAMPLE
    ./Repair-FleetKeepAlive.ps1 -HostName web1, web2, db1 -UserName root -WhatIf
.EXAMPLE
    ./Repair-FleetKeepAlive.ps1 -HostName web1, web2, db1 -UserName root | Format-Table PSComputerName, RemoteAddress, OwningProcessName, KeepAlive
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory)]
    [string[]]$HostName,

    [string]$UserName = [Environment]::UserName,

    [string]$KeyFilePath,

    [int]$Port = 22,

    # Options of ssh, as in @{ StrictHostKeyChecking = 'accept-new' }.
    [hashtable]$SshOption = @{},

    # The module's name on the hosts, or the path of its manifest there.
    [string]$Module = 'NetKeepAlive',

    # A dead peer is noticed after IdleTime + Interval x ProbeCount.
    [int]$IdleTime = 30,
    [int]$Interval = 10,
    [int]$ProbeCount = 3
)

$session = @{ HostName = $HostName; UserName = $UserName; Port = $Port }
if ($SshOption.Count) {
    $session.Options = $SshOption
}
if ($KeyFilePath) {
    $session.KeyFilePath = $KeyFilePath
}
$repair = $PSCmdlet.ShouldProcess(($HostName -join ', '), 'Turn keep-alive on where it is off')

Invoke-Command @session -ArgumentList $Module, $repair, $IdleTime, $Interval, $ProbeCount -ScriptBlock {
    param($Module, $Repair, $IdleTime, $Interval, $ProbeCount)

    Import-Module $Module
    $without = Get-TcpConnection -State Established -KeepAlive | Where-Object { $_.KeepAlive.Enabled -eq $false }
    foreach ($connection in $without) {
        if ($Repair) {
            $connection | Set-TcpKeepAlive -IdleTime $IdleTime -Interval $Interval -ProbeCount $ProbeCount
        }
        # As it is now, not as it should be.
        Get-TcpConnection -LocalPort $connection.LocalPort -RemotePort $connection.RemotePort -KeepAlive |
            Where-Object Inode -EQ $connection.Inode
    }
}
