# New pwsh a second: with the module and its first listing, or with nothing.
param([string]$Manifest, [ValidateSet('listing', 'nothing')][string]$What)

$pwsh = @(& "$PSScriptRoot/../../examples/Get-PwshCommand.ps1")
$command = $What -eq 'listing' ? "Import-Module '$Manifest'; `$null = Get-TcpConnection -LocalPort 1" : '1'
$times = foreach ($i in 1..3) {
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    $null = env @pwsh -NoLogo -NoProfile -Command $command
    $clock.Elapsed.TotalSeconds
}
1 / ($times | Measure-Object -Minimum).Minimum
