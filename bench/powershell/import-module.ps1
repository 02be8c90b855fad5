# How long Import-Module takes in a pwsh that has run nothing before: no other command, so that both pay alike for what
# the first import of a session loads.
param($Manifest, $Which)

if ($Which -ne 'NetKeepAlive') {
    $Manifest = "$PSScriptRoot/../build/onecmdlet/$Which.psd1"
}
$clock = [System.Diagnostics.Stopwatch]::StartNew()
Import-Module $Manifest
1 / $clock.Elapsed.TotalSeconds
