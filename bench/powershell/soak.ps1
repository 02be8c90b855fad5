<#
.SYNOPSIS
    All kinds of traffic for some minutes; fails when descriptors, threads or memory grow.
.DESCRIPTION
    Datagrams, seqpacket messages, TCP and TLS echoes through Start-SocketServer, descriptors passed, listeners opened and
    closed, waits that time out, Get-TcpConnection: turn by turn, in one process. Every interval it collects garbage
    and prints what the process holds. At the end the last reading is held against the first one after warming up.
.EXAMPLE
    pwsh ./bench/powershell/soak.ps1 -Minutes 10
#>
[CmdletBinding()]
param(
    [double]$Minutes = 10,

    # Seconds between two readings.
    [double]$Interval = 30,

    # How many megabytes the process may have grown by, in memory that is in use after a collection.
    [double]$MaximumGrowth = 16
)

$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 3
Import-Module (Join-Path $PSScriptRoot '../../NetKeepAlive.psd1'), (Join-Path $PSScriptRoot 'Soak.psm1')
$folder = [System.IO.Directory]::CreateTempSubdirectory('soak').FullName
$certificate = New-SoakCertificate

function Assert-Same($Expected, $Actual, [string]$What) {
    if ("$Expected" -cne "$Actual") {
        throw "$What`: '$Actual' came for '$Expected'."
    }
}

$traffic = [ordered]@{
    Datagram    = {
        $server = New-UnixDatagramSocket "$folder/d"
        $client = New-UnixDatagramSocket "$folder/c"
        foreach ($i in 1..10) {
            "m$i" | Send-SocketData $client -To "$folder/d"
            $server | Receive-SocketData -Timeout 20 | Send-SocketData
            Assert-Same "m$i" ($client | Receive-SocketData -Timeout 20).Text Datagram
        }
        Close-Socket $server, $client
    }
    Seqpacket   = {
        $listener = New-SeqpacketListener "$folder/q"
        $client = Connect-SeqpacketSocket "$folder/q"
        $server = $listener | Receive-SocketConnection -Timeout 20
        1..20 | ForEach-Object { "m$_" } | Send-SocketData $client
        Close-Socket $client
        Assert-Same 20 @($server | Receive-SocketData -ToEnd -Timeout 20).Count Seqpacket
        Close-Socket $server, $listener
    }
    Descriptors = {
        $a, $b = New-UnixSocketPair
        $file = [System.IO.File]::OpenHandle('/dev/null')
        $file, $a | Send-SocketHandle $a
        Assert-Same 2 @($b | Receive-SocketHandle -Timeout 20).Count Descriptors
        $file | Send-SocketHandle $a
        # Asked for by nobody, closed by nobody: the collector's.
        $null = $b | Receive-SocketData -Timeout 20
        $file.Dispose()
        Close-Socket $a, $b
    }
    Tcp         = {
        $client = Connect-TcpSocket 127.0.0.1 $tcp.LocalPort -IdleTime 30
        'echo' | Send-SocketData $client
        Disconnect-Socket $client
        $text = ($client | Receive-SocketData -ToEnd -Timeout 20).Text
        Assert-Same echo ($text -join '') Tcp
        Close-Socket $client
    }
    Tls         = {
        $client = Connect-TcpSocket 127.0.0.1 $tls.LocalPort
        $null = Protect-Socket $client -SkipCertificateCheck -Timeout 20
        "secret`n" | Send-SocketData $client
        Assert-Same secret ($client | Receive-SocketData -Line -Timeout 20).Text Tls
        Close-Socket $client
    }
    Events      = {
        $a, $b = New-UnixSocketPair
        $null = Register-ObjectEvent $b DataReceived -SourceIdentifier soak
        'event' | Send-SocketData $a
        Assert-Same event (Wait-Event soak -Timeout 20).SourceEventArgs.Text Events
        Unregister-Event soak
        Get-Event soak -ErrorAction Ignore | Remove-Event
        Close-Socket $a, $b
    }
    Listeners   = {
        $listeners = @(New-ReuseportListener -Address 127.0.0.1 -Count 4) + (New-TcpSocketListener -Address 127.0.0.1) +
        (New-UnixSocketListener "$folder/u")
        $client = Connect-UnixSocket "$folder/u"
        $listeners | Receive-SocketConnection -Timeout 20 | Close-Socket
        Close-Socket $client
        Close-Socket $listeners
    }
    Timeout     = {
        $a, $b = New-UnixSocketPair
        $null = $b | Receive-SocketData -Timeout 0.001 -ErrorAction SilentlyContinue
        Close-Socket $a, $b
    }
    Forgotten   = {
        # Closed by nobody.
        $null = New-UnixSocketPair
        $null = New-TcpSocketListener -Address 127.0.0.1
    }
    Connections = {
        $null = Get-TcpConnection -State Listen
        $null = Get-TcpConnection -LocalPort $tcp.LocalPort -KeepAlive
    }
}

$tcp = New-TcpSocketListener -Address 127.0.0.1
$tls = New-TcpSocketListener -Address 127.0.0.1
$jobs = @(
    $tcp | Start-SocketServer { param($socket) $socket | Receive-SocketData -ToEnd | Send-SocketData }
    $tls | Start-SocketServer -ArgumentList $certificate {
        param($socket, $certificate)
        $null = Protect-Socket $socket -AsServer -Certificate $certificate
        $socket | Receive-SocketData | Send-SocketData
    }
)
$clock = [System.Diagnostics.Stopwatch]::StartNew()
$rounds = 0
$readings = [System.Collections.Generic.List[object]]::new()
try {
    while ($clock.Elapsed.TotalMinutes -lt $Minutes) {
        $until = $clock.Elapsed.TotalSeconds + [math]::Min($Interval, $Minutes * 60 / 3)
        while ($clock.Elapsed.TotalSeconds -lt $until) {
            foreach ($kind in $traffic.Keys) {
                . $traffic[$kind]
            }
            $rounds++
            $jobs | Receive-Job -ErrorAction Continue | Out-Null
            $Error.Clear()
        }
        $reading = Get-SoakReading ([ordered]@{ Seconds = [int]$clock.Elapsed.TotalSeconds; Rounds = $rounds })
        $readings.Add($reading)
        Show-SoakReading $reading -First:($readings.Count -eq 1)
    }
} finally {
    $jobs | Remove-Job -Force
    Close-Socket $tcp, $tls
    Remove-Item $folder -Recurse -Force
}

# The first reading is taken while pools and caches still fill.
$first = $readings[[math]::Min(1, $readings.Count - 1)]
$last = $readings[-1]
$grown = Compare-SoakReading $first $last ([ordered]@{ Descriptors = 8; Threads = 8; Runspaces = 4; ManagedMB = $MaximumGrowth })
if ($grown) {
    throw "It grew. $($grown -join '; ')."
}
"Level after $rounds rounds in $([math]::Round($clock.Elapsed.TotalMinutes, 1)) minutes: $($last.Descriptors) descriptors, $($last.Threads) threads, $($last.ManagedMB) MB."
