<#
.SYNOPSIS
    Says which established connections no keep-alive policy covers.
.DESCRIPTION
    A connection is covered when the control group of its process is that of an active policy, or below it, and the
    policy's ports and addresses let it through. What is emitted are the rows of Get-TcpConnection for all others, with
    their control group and their keep-alive settings: those that have keep-alive by themselves can be told.

    Takes root, to see policies and owners.
.EXAMPLE
    ./Get-UncoveredConnection.ps1 | Where-Object { $_.KeepAlive.Enabled -eq $false } | Format-Table LocalPort, RemoteAddress, RemotePort, OwningProcessName, ControlGroup
#>
[CmdletBinding()]
param()

# Is a port among numbers and ranges? All are, where none is named.
function Test-Port([int]$Port, [string[]]$Range) {
    if (-not $Range) {
        return $true
    }
    foreach ($one in $Range) {
        $first, $last = [int[]]($one -split '-')
        if ($Port -ge $first -and $Port -le ($last ?? $first)) {
            return $true
        }
    }
    $false
}

$root = ((Get-Content /proc/self/mountinfo | Where-Object { $_ -match ' - cgroup2 ' } | Select-Object -First 1) -split ' ')[4]
$policies = @(Get-TcpKeepAlivePolicy | Where-Object State -EQ Active)
$networks = @{}
foreach ($policy in $policies | Where-Object RemoteAddress) {
    $networks[$policy.PolicyName] = New-SocketBlockList
    $policy.RemoteAddress | ForEach-Object {
        $networks[$policy.PolicyName] | Add-SocketBlockListRule -Subnet ($_ -match '/' ? $_ : "$_/$($_ -match ':' ? 128 : 32)")
    }
}
$listening = @(Get-TcpConnection -State Listen).LocalPort
foreach ($connection in Get-TcpConnection -State Established -KeepAlive) {
    $line = if ($connection.OwningProcess) {
        Get-Content "/proc/$($connection.OwningProcess)/cgroup" -ErrorAction Ignore | Where-Object { $_ -like '0::*' }
    }
    $group = "$root$($line -replace '^0::')".TrimEnd('/')
    $direction = $connection.LocalPort -in $listening ? 'Inbound' : 'Outbound'
    $covering = $policies | Where-Object {
        ("$group/").StartsWith($_.ControlGroup.TrimEnd('/') + '/') -and
        $_.Direction -in 'Both', $direction -and
        (Test-Port $connection.LocalPort $_.LocalPort) -and
        (Test-Port $connection.RemotePort $_.RemotePort) -and
        (-not $networks[$_.PolicyName] -or (Test-SocketBlockList $networks[$_.PolicyName] $connection.RemoteAddress))
    }
    if (-not $covering) {
        $connection | Add-Member ControlGroup $group -PassThru
    }
}
