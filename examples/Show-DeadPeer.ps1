<#
.SYNOPSIS
    Shows what keep-alive does: cuts a peer off and waits for the kernel to notice.
.DESCRIPTION
    Opens a TCP connection, sets idle time, interval and probe count, cuts the peer off, and prints when the kernel gave
    the connection up, beside the prediction (TcpKeepAlive.DetectionTime).

    It works in a network namespace of its own, which needs Linux with unshare (util-linux) and ip (iproute2), and user
    namespaces or root. Nothing outside the namespace is touched.
.EXAMPLE
    ./examples/Show-DeadPeer.ps1 -IdleTime 2 -Interval 1 -ProbeCount 2
#>
[CmdletBinding()]
param(
    [double]$IdleTime = 1,
    [double]$Interval = 1,
    [int]$ProbeCount = 3,

    # Set by the script itself, once it is inside the namespace.
    [switch]$InNamespace
)

$ErrorActionPreference = 'Stop'

if (-not $InNamespace) {
    $pwsh = @(& (Join-Path $PSScriptRoot 'Get-PwshCommand.ps1'))
    $self = $pwsh + @('-NoLogo', '-NoProfile', '-File', $PSCommandPath, '-InNamespace',
        '-IdleTime', $IdleTime, '-Interval', $Interval, '-ProbeCount', $ProbeCount)
    if ((Get-Command unshare, ip -CommandType Application -ErrorAction Ignore | Select-Object -Unique Name).Count -eq 2) {
        foreach ($way in @('--user', '--map-root-user', '--net'), @(, '--net')) {
            unshare @way true 2>$null
            if ($LASTEXITCODE -eq 0) {
                unshare @way @self
                exit $LASTEXITCODE
            }
        }
    }
    throw 'The demo cuts a peer off inside a network namespace of its own. That needs Linux with unshare (util-linux) and ip (iproute2), and either user namespaces or root.'
}

if (-not (Get-Module NetKeepAlive)) {
    # The one of this clone or package; else the one that is installed.
    $beside = Join-Path $PSScriptRoot '..'
    Import-Module ((Test-Path "$beside/module/NetKeepAlive.dll") ? "$beside/NetKeepAlive.psd1" : 'NetKeepAlive')
}
ip link set lo up
$listener = [System.Net.Sockets.TcpListener]::new([ipaddress]::Loopback, 0)
$listener.Start()

# The time begins when the peer is last heard from.
$clock = [System.Diagnostics.Stopwatch]::StartNew()
function Write-Event([string]$Text) {
    Write-Host ('{0,6:0.00} s  {1}' -f $clock.Elapsed.TotalSeconds, $Text)
}

$client = [System.Net.Sockets.TcpClient]::new([System.Net.Sockets.AddressFamily]::InterNetwork)
$client.Connect($listener.LocalEndpoint)
$peer = $listener.AcceptTcpClient()

Write-Event "connected: $($client.Client.LocalEndPoint) -> $($client.Client.RemoteEndPoint)"
$settings = $client |
    Set-TcpKeepAlive -IdleTime $IdleTime -Interval $Interval -ProbeCount $ProbeCount -PassThru |
    Get-TcpKeepAlive
$expected = $settings.DetectionTime.TotalSeconds
Write-Event "Set-TcpKeepAlive -IdleTime $IdleTime -Interval $Interval -ProbeCount $ProbeCount"
Write-Event "prediction: the kernel notices a dead peer after $IdleTime + $ProbeCount x $Interval = $expected s"
ip link set lo down
Write-Event "the peer is cut off; a program that only waits for data would wait forever"

$read = $client.GetStream().ReadAsync([byte[]]::new(1), 0, 1)
$shown = 0
while (-not $read.IsCompleted) {
    $null = [System.Threading.Tasks.Task]::WaitAny(@($read), 20)
    $unanswered = ($client | Get-TcpInfo -ErrorAction Ignore).Probes
    if ($unanswered -gt $shown) {
        $shown = $unanswered
        Write-Event "probe $shown of $ProbeCount is on its way; no answer can come"
    }
}
$took = $clock.Elapsed.TotalSeconds
$reason = $read.Exception.InnerException.InnerException.SocketErrorCode
Write-Event "the kernel gave the connection up: $reason"
Write-Host ('Predicted {0:0.00} s, measured {1:0.00} s.' -f $expected, $took)
$client.Dispose()
$peer.Dispose()
$listener.Stop()
# Never early; a busy machine may be late in seeing it.
exit [int]($took -lt $expected - 0.5 -or $took -gt $expected + 30 -or $reason -ne 'TimedOut')
