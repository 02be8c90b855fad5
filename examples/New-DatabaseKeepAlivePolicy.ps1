<#
.SYNOPSIS
    Keeps every client of a PostgreSQL server behind a NAT connected, and tells them in time when the server is gone.
.DESCRIPTION
    A NAT that forgets a connection after 350 s of silence, as those of the large clouds do, cuts idle clients off without
    telling them. This policy has every connection that any program of this system makes to the server's port send a probe
    after 200 s, from the moment that it is established, and give the server up within another 60 s. No program is changed
    or restarted, and programs that connect later have it too.

    Takes root. The policy lasts until it is removed (Remove-TcpKeepAlivePolicy postgres-nat) or the system restarts.
.EXAMPLE
    ./New-DatabaseKeepAlivePolicy.ps1 -Network 10.20.0.0/16
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    # The servers' networks; all when left out.
    [string[]]$Network,

    [int]$Port = 5432,

    # How long the NAT remembers a connection over which nothing is sent.
    [int]$NatTimeout = 350,

    # The control group of the clients; the whole system when left out.
    [string]$ControlGroup,

    [string]$Name = 'postgres-nat'
)

$where = @{}
if ($Network) {
    $where.RemoteAddress = $Network
}
if ($ControlGroup) {
    $where.ControlGroup = $ControlGroup
}
# Early enough for two probes to be lost.
$interval = 20
$policy = @{
    Name       = $Name
    Direction  = 'Outbound'
    RemotePort = $Port
    IdleTime   = [math]::Max(1, $NatTimeout - 150)
    Interval   = $interval
    ProbeCount = 3
}
New-TcpKeepAlivePolicy @policy @where -IncludeExisting -Persist
