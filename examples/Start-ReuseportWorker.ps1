# Several workers on one port, each a process of its own: the kernel spreads the connections over them (Linux).
#
#     ./examples/Start-ReuseportWorker.ps1 -Port 8080 -Count 4
#
# Ask a few times: curl http://127.0.0.1:8080/ shows which process answered.
param(
    # 0 lets the kernel choose.
    [int]$Port = 8080,
    [int]$Count = [Environment]::ProcessorCount,

    # How long a client may take to ask, in seconds.
    [double]$Timeout = 5,

    # Used by the script itself, for each worker.
    [switch]$Worker
)

$ErrorActionPreference = 'Stop'
if (-not (Get-Module NetKeepAlive)) {
    # The one of this clone or package; else the one that is installed.
    $beside = Join-Path $PSScriptRoot '..'
    Import-Module ((Test-Path "$beside/module/NetKeepAlive.dll") ? "$beside/NetKeepAlive.psd1" : 'NetKeepAlive')
}

if ($Worker) {
    $listener = New-ReuseportListener $Port
    'ready'
    while ($socket = $listener | Receive-SocketConnection) {
        $null = $socket | Receive-SocketData -Line -Timeout $Timeout
        "HTTP/1.0 200 OK`r`n`r`nprocess $PID`n" | Send-SocketData $socket
        $socket | Close-Socket
    }
    return
}

# Holds the port while the workers start. It listens as well, so it is closed before anybody is told of the port.
$first = New-ReuseportListener $Port
$Port = $first.LocalPort
$pwsh = @(& (Join-Path $PSScriptRoot 'Get-PwshCommand.ps1'))
$command = $pwsh + @('-NoLogo', '-NoProfile', '-File', $PSCommandPath, '-Port', $Port, '-Timeout', $Timeout, '-Worker')
$workers = foreach ($i in 1..$Count) {
    # env(1) becomes what it starts.
    $start = [System.Diagnostics.ProcessStartInfo]::new('env', [string[]]$command)
    $start.RedirectStandardOutput = $true
    [System.Diagnostics.Process]::Start($start)
}
try {
    $workers | ForEach-Object { $null = $_.StandardOutput.ReadLine() }
    $first | Close-Socket
    "$Count processes on port ${Port}: $($workers.Id -join ', ')"
    $workers | ForEach-Object WaitForExit
} finally {
    $workers | Where-Object { -not $_.HasExited } | ForEach-Object Kill
}
