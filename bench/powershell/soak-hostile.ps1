<#
.SYNOPSIS
    Peers that mean harm, for half an hour, against the servers, the events and the cmdlets of one pwsh.
.DESCRIPTION
    bench/python/hostile.py resets, floods with descriptors, sends garbage for TLS, lines without end, a byte at a time, or
    nothing; ends one side, reads nothing, vanishes. Beside them honest peers count: lines that are echoed, and datagrams
    that come as events. Every minute it collects garbage and prints what the process holds. It fails when descriptors,
    threads, runspaces or memory grow, and when anything that is counted was lost, came twice or out of order.
.EXAMPLE
    nice pwsh ./bench/powershell/soak-hostile.ps1 -Minutes 30
#>
[CmdletBinding()]
param(
    [double]$Minutes = 30,

    # Seconds between two readings.
    [double]$Interval = 60,

    # How many megabytes the process may have grown by, in memory that is in use after a collection.
    [double]$MaximumGrowth = 16
)

$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 3
Import-Module (Join-Path $PSScriptRoot '../../NetKeepAlive.psd1'), (Join-Path $PSScriptRoot 'Soak.psm1')
$folder = [System.IO.Directory]::CreateTempSubdirectory('soak').FullName
$certificate = New-SoakCertificate

function Get-Statistic([string]$Name) {
    $statistics = [System.IO.File]::ReadAllText("$folder/stats.json") | ConvertFrom-Json -AsHashtable
    $Name ? ($statistics[$Name] ?? 0) : $statistics
}

$tcp = New-TcpSocketListener -Address 127.0.0.1
$tls = New-TcpSocketListener -Address 127.0.0.1
$counted = New-TcpSocketListener -Address 127.0.0.1
$stream = New-UnixSocketListener "$folder/s"
$packets = New-SeqpacketListener "$folder/q"
$flooded = New-UnixDatagramSocket "$folder/d"
$flow = [pscustomobject]@{ Socket = New-UnixDatagramSocket "$folder/c"; Count = 0; Twice = 0; Seen = [System.Collections.BitArray]::new(10000000) }
$echo = {
    param($socket)
    $socket | Receive-SocketData -Line -MaximumLength 1000 -ToEnd | ForEach-Object { "$($_.Text)`n" } | Send-SocketData $socket
}
$jobs = @(
    $tcp | Start-SocketServer -ThrottleLimit 8 -IdleTimeout 3 $echo
    $counted | Start-SocketServer -ThrottleLimit 8 -IdleTimeout 20 $echo
    $tls | Start-SocketServer -ThrottleLimit 8 -IdleTimeout 10 -ArgumentList $certificate {
        param($socket, $certificate)
        $null = Protect-Socket $socket -AsServer -Certificate $certificate -Timeout 2
        $socket | Receive-SocketData -Line | ForEach-Object { "$($_.Text)`n" } | Send-SocketData $socket
    }
    $stream, $packets | Start-SocketServer -ThrottleLimit 8 -IdleTimeout 3 { param($socket) $null = $socket | Receive-SocketData -ToEnd }
)

# Messages with descriptors that nobody asks for, and the datagrams that count.
$null = Register-ObjectEvent $flooded DataReceived -SourceIdentifier flooded -Action { $null = $EventArgs.Length }
$null = Register-ObjectEvent $flow.Socket DataReceived -SourceIdentifier flow -MessageData $flow -Action {
    $flow = $Event.MessageData
    # PowerShell may run two actions in the other order: what counts is that each number comes, once.
    $number = [int]$EventArgs.Text
    if ($flow.Seen[$number]) {
        $flow.Twice++
    }
    $flow.Seen[$number] = $true
    $flow.Count++
}
$peers = Start-Process python3 -PassThru -ArgumentList @(
    (Join-Path $PSScriptRoot '../python/hostile.py'), $folder, $tcp.LocalPort, $tls.LocalPort, $counted.LocalPort, "$folder/port"
)
$clock = [System.Diagnostics.Stopwatch]::StartNew()
$pairs = 0
$unanswered = 0
$readings = [System.Collections.Generic.List[object]]::new()
try {
    while (-not ((Test-Path "$folder/port") -and (Test-Path "$folder/stats.json"))) {
        if ($clock.Elapsed.TotalSeconds -gt 90) {
            throw 'The peers did not start.'
        }
        Start-Sleep -Milliseconds 100
    }
    $hostile = [int](Get-Content "$folder/port")
    while ($clock.Elapsed.TotalMinutes -lt $Minutes) {
        $until = [math]::Min($clock.Elapsed.TotalSeconds + $Interval, $Minutes * 60)
        while ($clock.Elapsed.TotalSeconds -lt $until) {
            # This side as the client of who means harm.
            $client = Connect-TcpSocket 127.0.0.1 $hostile -Timeout 20 -ErrorAction SilentlyContinue
            if ($client) {
                'hello' | Send-SocketData $client -ErrorAction SilentlyContinue
                $null = $client | Receive-SocketData -Line -Timeout 0.1 -ErrorAction SilentlyContinue
                Close-Socket $client
            }
            $client = Connect-TcpSocket 127.0.0.1 $hostile -Timeout 20 -ErrorAction SilentlyContinue
            if ($client) {
                $null = Protect-Socket $client -SkipCertificateCheck -Timeout 0.2 -ErrorAction SilentlyContinue
                Close-Socket $client
            }

            # And of an honest server among them, which lets go of who is silent; on a machine that is loaded that may be us.
            $client = Connect-TcpSocket 127.0.0.1 $tls.LocalPort -Timeout 20
            $answer = $null
            if (Protect-Socket $client -SkipCertificateCheck -Timeout 20 -ErrorAction SilentlyContinue) {
                "secret $pairs`n" | Send-SocketData $client -ErrorAction SilentlyContinue
                $answer = $client | Receive-SocketData -Line -Timeout 20 -ErrorAction SilentlyContinue
            }
            if (-not $answer) {
                $unanswered++
            } elseif ($answer.Text -cne "secret $pairs") {
                throw "TLS: '$($answer.Text)' came for 'secret $pairs'."
            }
            Close-Socket $client

            # Counted, within this process.
            foreach ($type in 'Seqpacket', 'Datagram', 'Stream') {
                $a, $b = New-UnixSocketPair $type
                1..50 | ForEach-Object { "$_`n" } | Send-SocketData $a
                $got = $type -eq 'Stream' ? ($b | Receive-SocketData -Line -Count 50 -Timeout 20) : ($b | Receive-SocketData -Count 50 -Timeout 20)
                if (($got.Text.Trim() -join ' ') -cne (1..50 -join ' ')) {
                    throw "$type`: $($got.Text -join ' ')"
                }
                Close-Socket $a, $b
                $pairs += 50
            }
            $null = $jobs | Receive-Job -ErrorAction SilentlyContinue
            $Error.Clear()
        }
        $reading = Get-SoakReading ([ordered]@{ Minute = [int]$clock.Elapsed.TotalMinutes }) ([ordered]@{
                Served     = ($jobs | Measure-Object ServedCount -Sum).Sum
                Lines      = Get-Statistic 'counted lines'
                Datagrams  = $flow.Count
                Pairs      = $pairs
                Unanswered = $unanswered
            })
        $readings.Add($reading)
        Show-SoakReading $reading -First:($readings.Count -eq 1)
    }

    # What is still on its way arrives when no more is sent.
    $peers.Kill()
    $null = $peers.WaitForExit(20000)
    $statistics = Get-Statistic
    $settled = [datetime]::UtcNow.AddSeconds(20)
    do {
        $before = $flow.Count
        Start-Sleep -Milliseconds 500
    } while ($flow.Count -ne $before -and [datetime]::UtcNow -lt $settled)
} finally {
    if (-not $peers.HasExited) {
        $peers.Kill()
    }
    Unregister-Event flooded
    Unregister-Event flow
    $jobs | Remove-Job -Force
    Close-Socket $tcp, $tls, $counted, $stream, $packets, $flooded, $flow.Socket
    Remove-Item $folder -Recurse -Force
}

$statistics.GetEnumerator() | Sort-Object Key | Format-Table Key, Value -HideTableHeaders | Out-String | Out-Host

# The first readings are taken while pools fill: a server makes a runspace when a connection comes while the others are
# busy, and keeps it. One taken in the middle of a flood has its descriptors.
$first = $readings[[math]::Min(5, $readings.Count - 1)]
$last = $readings[-1]
$half = [int]($readings.Count / 2)
$least = ($readings | Select-Object -First $half), ($readings | Select-Object -Last $half) |
    ForEach-Object { ($_.Descriptors | Measure-Object -Minimum).Minimum }
$wrong = @(
    if ($least[1] -gt $least[0] + 40) { "descriptors: at least $($least[0]), then $($least[1])" }
    Compare-SoakReading $first $last ([ordered]@{ Threads = 12; ManagedMB = $MaximumGrowth })
    if ($flow.Twice) { "$($flow.Twice) datagrams came twice" }

    # The peer counts a message after it has sent it, and the statistics are a second old at the most.
    if ($flow.Count -lt $statistics['counted datagrams']) { "$($flow.Count) of $($statistics['counted datagrams']) datagrams came" }
    foreach ($name in $statistics.Keys -like '*WRONG' + ($statistics.Keys -like 'counted_*: *')) { "${name}: $($statistics[$name])" }
)
if ($wrong) {
    throw "It failed. $($wrong -join '; ')."
}
"Level after $([math]::Round($clock.Elapsed.TotalMinutes, 1)) minutes: $($last.Descriptors) descriptors, $($last.Threads) threads, $($last.ManagedMB) MB; $($statistics['counted lines']) lines, $($flow.Count) datagrams and $pairs messages were counted, none lost, none twice."
