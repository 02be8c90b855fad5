<#
.SYNOPSIS
    Draws the timelines of docs/concepts.md: when a dead peer is noticed, idle, in flight and with a user timeout.
.DESCRIPTION
    Writes docs/timeline-*.svg. The numbers on them are worked out here from the settings, as the kernel does.
.EXAMPLE
    ./docs/New-TimelinePicture.ps1
#>
[CmdletBinding()]
param()

$ErrorActionPreference = 'Stop'
$left = 20
$width = 760
$axis = 92

# One picture: seconds from 0 to End; bars (From, To, Text) over the axis and marks (At, Text, Kind) on it.
function New-Picture([string]$Name, [string]$Title, [double]$End, [object[]]$Bar, [object[]]$Mark) {
    $x = { param($seconds) [math]::Round($left + 10 + ($width - 60) * $seconds / $End) }
    $parts = @(
        "<text x='$left' y='24' font-size='15' font-weight='bold'>$Title</text>"
        "<line x1='$(& $x 0)' y1='$axis' x2='$(& $x $End)' y2='$axis' stroke='#8b949e' stroke-width='2'/>"
        foreach ($it in $Bar) {
            $from = & $x $it.From
            $to = & $x $it.To
            "<rect x='$from' y='52' width='$($to - $from)' height='22' fill='#ddf4ff' stroke='#54aeff'/>"
            "<text x='$(($from + $to) / 2)' y='67' text-anchor='middle' font-size='11'>$($it.Text)</text>"
        }
        foreach ($it in $Mark) {
            $at = & $x $it.At
            $colour = @{ probe = '#bf8700'; data = '#0969da'; end = '#cf222e'; start = '#57606a' }[$it.Kind]
            "<line x1='$at' y1='$($axis - 12)' x2='$at' y2='$($axis + 12)' stroke='$colour' stroke-width='3'/>"
            $anchor = if ($it.At -eq 0) { 'start' } elseif ($it.At -ge $End * 0.9) { 'end' } else { 'middle' }
            "<text x='$at' y='$($axis + 28)' text-anchor='$anchor' font-size='11' fill='$colour'>$($it.At) s</text>"
            "<text x='$at' y='$($axis + 42)' text-anchor='$anchor' font-size='11' fill='$colour'>$($it.Text)</text>"
        }
    )
    @"
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 $width 146" font-family="sans-serif" fill="#1f2328" role="img" aria-label="$Title">
<rect width="$width" height="146" fill="#ffffff"/>
$($parts -join "`n")
</svg>
"@ | Set-Content (Join-Path $PSScriptRoot "timeline-$Name.svg")
}

$idle, $interval, $probes = 30, 10, 3
$probeMarks = foreach ($number in 1..$probes) {
    @{ At = $idle + ($number - 1) * $interval; Text = "probe $number"; Kind = 'probe' }
}
New-Picture idle "Idle: idle time $idle s, interval $interval s, $probes probes. Noticed after $($idle + $interval * $probes) s" ($idle + $interval * $probes + 5) @(
    @{ From = 0; To = $idle; Text = "idle time $idle s" }
    @{ From = $idle; To = $idle + $interval * $probes; Text = "$probes x interval $interval s" }
) (@(@{ At = 0; Text = 'peer dies'; Kind = 'start' }) + $probeMarks + @{ At = $idle + $interval * $probes; Text = 'ETIMEDOUT'; Kind = 'end' })

# Retransmissions double from about 0.2 s; the last of 15 (tcp_retries2) ends it after 924.6 s.
$sent = foreach ($number in 1..9) { [math]::Round(0.2 * ([math]::Pow(2, $number) - 1), 1) }
New-Picture inflight 'Data in flight, no user timeout: the keep-alive settings do not count, retransmission goes on for 15 minutes' 105 @(
    @{ From = 0; To = 105; Text = 'retransmissions, each after twice the time of the one before; ETIMEDOUT at 924.6 s' }
) (@(@{ At = 0; Text = 'data is sent, peer dies'; Kind = 'start' }) + ($sent | Where-Object { $_ -gt 20 } | ForEach-Object { @{ At = $_; Text = 'again'; Kind = 'data' } }))

$limit = 60
New-Picture usertimeout "Data in flight, user timeout $limit s: noticed after $limit s" ($limit + 5) @(
    @{ From = 0; To = $limit; Text = "user timeout $limit s" }
) (@(@{ At = 0; Text = 'data is sent, peer dies'; Kind = 'start' }) + ($sent | Where-Object { $_ -gt 6 -and $_ -lt $limit } | ForEach-Object { @{ At = $_; Text = 'again'; Kind = 'data' } }) + @{ At = $limit; Text = 'ETIMEDOUT'; Kind = 'end' })

New-Picture nat 'A firewall that forgets connections after 350 s: an idle time below it keeps them, 7200 s does not' 720 @(
    @{ From = 0; To = 350; Text = 'the firewall remembers the connection' }
    @{ From = 350; To = 720; Text = 'without a probe: forgotten, packets are dropped' }
) @(
    @{ At = 0; Text = 'last data'; Kind = 'start' }
    @{ At = 300; Text = 'probe (-IdleTime 300)'; Kind = 'probe' }
    @{ At = 600; Text = 'probe'; Kind = 'probe' }
)
