<#
.SYNOPSIS
    Measures when the kernel gives a dead peer up, beside what was predicted. For a network namespace of its own, in which
    nothing is heard afterwards.
.DESCRIPTION
    Each case is a set of parameters of Set-TcpKeepAlive. Two connections are made of it: one is idle when the peer dies, the
    other has a byte in flight. All are measured at the same time, so it takes as long as the slowest.

    By hand, as root, from the root of a clone after a build:

    unshare --net pwsh -NoProfile -c 'Import-Module ./NetKeepAlive.psd1; ip link set lo up; ./tests/pester/Measure-DetectionTime.ps1 @{DetectWithin=10}, @{DetectWithin=20} | Format-Table'
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [hashtable[]]$Case,

    # What takes the peer away; another way: { iptables -A INPUT -j DROP }.
    [scriptblock]$CutOff = { ip link set lo down }
)

$ErrorActionPreference = 'Stop'
$listener = [System.Net.Sockets.TcpListener]::new([ipaddress]::Loopback, 0)
$listener.Start()
$peers = [System.Collections.Generic.List[object]]::new()
$rows = foreach ($settings in $Case) {
    foreach ($inFlight in $false, $true) {
        $client = [System.Net.Sockets.TcpClient]::new('127.0.0.1', $listener.LocalEndpoint.Port)
        $peers.Add($listener.AcceptTcpClient())
        $set = $client | Set-TcpKeepAlive @settings -PassThru | Get-TcpKeepAlive
        [pscustomobject]@{
            Settings  = ($settings.GetEnumerator() | Sort-Object Name | ForEach-Object { "$($_.Name) $($_.Value)" }) -join ', '
            InFlight  = $inFlight
            Predicted = ($inFlight ? $set.InFlightDetectionTime : $set.DetectionTime).TotalSeconds
            Measured  = $null
            LastAlive = $null
            Begun     = $null
            BegunBy   = $null
            Error     = $null
            Probes    = 0
            Client    = $client
        }
    }
}

# The last segment that is heard is an answer to these, or to a probe.
$clock = [System.Diagnostics.Stopwatch]::StartNew()
foreach ($row in $rows) {
    $null = $row.Client.Client.Send([byte[]](1))
}
foreach ($row in $rows) {
    while (($row.Client | Get-TcpInfo).Unacknowledged) {
        Start-Sleep -Milliseconds 1
    }
}
& $CutOff

# The kernel counts from between the two times, which are far apart where the machine holds this process off.
foreach ($row in $rows | Where-Object InFlight) {
    $row.Begun = $clock.Elapsed.TotalSeconds
    $null = $row.Client.Client.Send([byte[]](1))
    $row.BegunBy = $clock.Elapsed.TotalSeconds
}
foreach ($row in $rows | Where-Object { -not $_.InFlight }) {
    # Nothing is heard any more: the last answer stays the last.
    $before = $clock.Elapsed.TotalSeconds
    $silent = ($row.Client | Get-TcpInfo).LastAckReceived.TotalSeconds
    $row.Begun = $before - $silent
    $row.BegunBy = $clock.Elapsed.TotalSeconds - $silent
}

$limit = ($rows.Predicted | Measure-Object -Maximum).Maximum * 1.25 + 10
while (($waiting = @($rows | Where-Object { $null -eq $_.Measured })) -and $clock.Elapsed.TotalSeconds -lt $limit) {
    foreach ($row in $waiting) {
        $probes = ($row.Client | Get-TcpInfo -ErrorAction Ignore).Probes
        $row.Probes = [math]::Max($row.Probes, $probes)
        # The peers say nothing: what can be read is the error. A busy machine looks seldom: the kernel's time is between the
        # last look that found the connection alive and the first that did not.
        $look = $clock.Elapsed.TotalSeconds - $row.BegunBy
        if (-not $row.Client.Client.Poll(0, 'SelectRead')) {
            $row.LastAlive = [math]::Round($look, 2)
        } else {
            $row.Measured = [math]::Round($clock.Elapsed.TotalSeconds - $row.Begun, 2)
            try {
                $null = $row.Client.Client.Receive([byte[]]::new(1))
            } catch [System.Net.Sockets.SocketException] {
                $row.Error = $_.Exception.SocketErrorCode
            }
        }
    }
    Start-Sleep -Milliseconds 10
}
$rows | Select-Object -ExcludeProperty Client, Begun, BegunBy
