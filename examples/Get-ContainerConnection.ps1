<#
.SYNOPSIS
    Audits the connections of every container of this host: which would not notice that their peer is dead?
.DESCRIPTION
    Looks into every network namespace of the host, its own included. It takes root. One object for each namespace and
    program: how many connections, how many without keep-alive, how many a NAT of the given timeout would drop.
.EXAMPLE
    ./Get-ContainerConnection.ps1 | Format-Table
.EXAMPLE
    ./Get-ContainerConnection.ps1 -NatTimeout 5m | Where-Object AtRisk -GT 0
#>
[CmdletBinding()]
param(
    # The idle time after which the way to the peers forgets a connection. A number is seconds.
    [object]$NatTimeout = 350
)

Import-Module NetKeepAlive -ErrorAction SilentlyContinue
$look = @{ NetworkNamespace = '*'; State = 'Established'; ExcludeLoopback = $true }
$atRisk = Get-TcpConnection @look -IdleTimeOver $NatTimeout | Group-Object { "$($_.NetworkNamespace) $($_.OwningProcessName)" } -AsHashTable -AsString
Get-TcpConnection @look -KeepAlive | Group-Object NetworkNamespace, OwningProcessName | ForEach-Object {
    $first = $_.Group[0]
    [pscustomobject]@{
        Namespace        = $first.NetworkNamespace ?? 'host'
        Program          = $first.OwningProcessName
        Connections      = $_.Count
        WithoutKeepAlive = @($_.Group | Where-Object { $_.KeepAlive.Enabled -eq $false }).Count
        NotReadable      = @($_.Group | Where-Object { -not $_.KeepAlive }).Count
        AtRisk           = @(($atRisk ?? @{})["$($first.NetworkNamespace) $($first.OwningProcessName)"] | Where-Object Inode -In $_.Group.Inode).Count
    }
}
