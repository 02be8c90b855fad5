# Connections a second of a program in a control group: with a policy in force, or without one. Takes root.
param([string]$Manifest, [string]$Way)
$ErrorActionPreference = 'Stop'
Import-Module $Manifest
$program = Join-Path $PSScriptRoot '../build/connections'
$root = ((Get-Content /proc/self/mountinfo | Where-Object { $_ -match ' - cgroup2 ' } | Select-Object -First 1) -split ' ')[4]
$group = New-Item "$root/nkbench-$PID" -ItemType Directory
try {
    if ($Way -eq 'policy') {
        $policy = New-TcpKeepAlivePolicy "bench-$PID" -ControlGroup $group -DetectWithin 60
    }
    sh -c 'echo $$ > "$0"/cgroup.procs && exec "$1" 50000' $group $program
    if ($policy -and $policy.ConnectionCount -ne 100000) {
        throw "The policy has set $($policy.ConnectionCount) ends of 50,000 connections, and failed on $($policy.FailureCount)."
    }
} finally {
    $policy | Remove-TcpKeepAlivePolicy
    [System.IO.Directory]::Delete($group)
}
