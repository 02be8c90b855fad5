# A new version of a server takes the place of the old one, and no connection is refused or lost: the old process hands
# its listening socket over, with the kernel's queue in it, and serves what it has accepted to its end.
#
#     ./examples/Restart-WithoutDowntime.ps1 -Port 8080 -Version 1     # the first
#     ./examples/Restart-WithoutDowntime.ps1 -Port 8080 -Version 2     # takes over; the first ends
param(
    # 0 lets the kernel choose.
    [int]$Port = 8080,
    [string]$Version = '1',

    # Where the versions meet.
    [string]$Handover = (Join-Path ([System.IO.Path]::GetTempPath()) "netkeepalive-handover-$Port.sock")
)

$ErrorActionPreference = 'Stop'
if (-not (Get-Module NetKeepAlive)) {
    # The one of this clone or package; else the one that is installed.
    $beside = Join-Path $PSScriptRoot '..'
    Import-Module ((Test-Path "$beside/module/NetKeepAlive.dll") ? "$beside/NetKeepAlive.psd1" : 'NetKeepAlive')
}

# Does an older version serve? Then it gives its listener away; else this is the first.
$old = Connect-UnixSocket $Handover -Timeout 5 -ErrorAction Ignore
if ($old) {
    $listener = $old | Receive-SocketHandle -Timeout 60
} else {
    $listener = New-TcpSocketListener $Port
}

$server = $listener | Start-SocketServer -ArgumentList $Version {
    param($socket, $version)
    $null = $socket | Receive-SocketData -Line -Timeout 10
    "HTTP/1.0 200 OK`r`n`r`nversion $version`n" | Send-SocketData $socket
}

# From here on this version answers: the old one may stop accepting.
if ($old) {
    'serving' | Send-SocketData $old
    $null = $old | Receive-SocketData -ToEnd -Timeout 30
    $old | Close-Socket
}
$meeting = New-UnixSocketListener $Handover -Force
"Version $Version serves $listener, process $PID."

# Until the next version comes.
$next = $meeting | Receive-SocketConnection
$meeting | Close-Socket
$listener | Send-SocketHandle $next
$null = $next | Receive-SocketData -Timeout 30
$listener | Close-Socket
$null = $server | Wait-Job -Timeout 30
$next | Close-Socket
$server | Remove-Job -Force
"Version $Version has ended."
