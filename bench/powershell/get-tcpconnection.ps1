# Listings a second of 20,000 connections: by the cmdlet, by ss, or by a script that parses ss.
param([string]$Manifest, [ValidateSet('cmdlet', 'ss', 'parse')][string]$How)

Import-Module $Manifest
$pwsh = @(& "$PSScriptRoot/../../examples/Get-PwshCommand.ps1")
$holders = foreach ($i in 1..2) {
    $arguments = $pwsh + @('-NoLogo', '-NoProfile', '-File', "$PSScriptRoot/hold-connections.ps1", '10000')
    $start = [System.Diagnostics.ProcessStartInfo]::new('env', [string[]]$arguments)
    $start.RedirectStandardInput = $start.RedirectStandardOutput = $true
    [System.Diagnostics.Process]::Start($start)
}
try {
    foreach ($holder in $holders) {
        $null = $holder.StandardOutput.ReadLine()
    }

    $measure = switch ($How) {
        'cmdlet' { { $script:rows = Get-TcpConnection } }
        'ss' { { sh -c 'ss -tno > /dev/null' } }
        'parse' {
            {
                $script:rows = ss -tno | Select-Object -Skip 1 | ForEach-Object {
                    $state, $received, $sent, $local, $remote, $timer = -split $_
                    $at = $local.LastIndexOf(':')
                    $to = $remote.LastIndexOf(':')
                    [pscustomobject]@{
                        State         = $state
                        ReceiveQueue  = [int]$received
                        SendQueue     = [int]$sent
                        LocalAddress  = $local.Substring(0, $at)
                        LocalPort     = [int]$local.Substring($at + 1)
                        RemoteAddress = $remote.Substring(0, $to)
                        RemotePort    = [int]$remote.Substring($to + 1)
                        Timer         = $timer
                    }
                }
            }
        }
    }
    $times = foreach ($i in 1..7) {
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        . $measure
        $clock.Elapsed.TotalSeconds
    }
    if ($How -ne 'ss' -and $rows.Count -lt 20000) {
        throw "$($rows.Count) rows."
    }
    1 / ($times | Select-Object -Skip 2 | Sort-Object)[2]
} finally {
    foreach ($holder in $holders) {
        $holder.StandardInput.Close()
        $holder.WaitForExit()
    }
}
