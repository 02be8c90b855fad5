<#
.SYNOPSIS
    Tells systemd how a service is doing: the protocol of sd_notify(3), without a program.
.EXAMPLE
    ./Send-ServiceStatus.ps1 -Ready -Status 'Serving requests'
#>
[CmdletBinding()]
param(
    # The service is up: READY=1.
    [switch]$Ready,

    # One line for systemctl status.
    [string]$Status,

    # The service is alive: WATCHDOG=1, as WatchdogSec= of the unit wants it.
    [switch]$Watchdog
)

$ErrorActionPreference = 'Stop'
if (-not (Get-Module NetKeepAlive)) {
    # The one of this clone or package; else the one that is installed.
    $beside = Join-Path $PSScriptRoot '..'
    Import-Module ((Test-Path "$beside/module/NetKeepAlive.dll") ? "$beside/NetKeepAlive.psd1" : 'NetKeepAlive')
}
if (-not $env:NOTIFY_SOCKET) {
    Write-Verbose 'Not started by systemd (NOTIFY_SOCKET is not set): nobody to tell.'
    return
}

$lines = @(
    if ($Ready) { 'READY=1' }
    if ($Status) { "STATUS=$Status" }
    if ($Watchdog) { 'WATCHDOG=1' }
)
# A name that begins with @ is one in the abstract namespace; -ConnectTo takes both.
$manager = New-UnixDatagramSocket -ConnectTo $env:NOTIFY_SOCKET
$lines -join "`n" | Send-SocketData $manager
Close-Socket $manager
