<#
.SYNOPSIS
    Restarts a service once its last connection has ended.
.DESCRIPTION
    Waits until no connection to the port is left, or the time is over, and then runs what restarts the service. Stop new
    connections before, at the load balancer or with a firewall: this only waits.
.EXAMPLE
    ./Restart-DrainedService.ps1 -Port 8080 -Timeout 60 -Restart { systemctl restart my-service }
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory)]
    [string]$Port,

    [Parameter(Mandatory)]
    [scriptblock]$Restart,

    # A number is seconds.
    [object]$Timeout = 60,

    # Ends what is left when the time is over; it takes root.
    [switch]$EndRest
)

Import-Module NetKeepAlive -ErrorAction SilentlyContinue
# Not Listen: the service itself goes on.
$busy = @{ LocalPort = $Port; State = 'Established', 'CloseWait', 'FinWait1', 'FinWait2', 'SynReceived' }
if (-not (Wait-TcpConnection @busy -Gone -Timeout $Timeout -Quiet)) {
    $left = @(Get-TcpConnection @busy)
    Write-Warning "$($left.Count) connections did not end: $($left | Select-Object -First 5)"
    if ($EndRest) {
        $left | Stop-TcpConnection -Confirm:$false
    }
}
if ($PSCmdlet.ShouldProcess("the service at port $Port", 'Restart')) {
    & $Restart
}
