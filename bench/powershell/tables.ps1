# Looks a second at many sockets, held by other processes: at all with their owners, or at one by its port; by the cmdlets
# or by ss.
param(
    [string]$Manifest,
    [ValidateSet('tcp', 'unix')][string]$Kind,
    [int]$Count,
    [int]$Process,
    [ValidateSet('all', 'one')][string]$What,
    [ValidateSet('cmdlet', 'ss', 'ss without owners')][string]$How
)

Import-Module $Manifest
$start = [System.Diagnostics.ProcessStartInfo]::new("$PSScriptRoot/../build/hold", [string[]]($Kind, $Count, $Process))
$start.RedirectStandardInput = $start.RedirectStandardOutput = $true
$holder = [System.Diagnostics.Process]::Start($start)
try {
    $port = $holder.StandardOutput.ReadLine()
    if (-not $port) {
        throw "$Count sockets could not be held: look at ulimit -Hn."
    }
    $option = $Kind -eq 'tcp' ? '-tno' : '-x'
    if ($How -eq 'ss') {
        $option += 'p'
    }
    $measure = switch ("$What $How") {
        'all cmdlet' { $Kind -eq 'tcp' ? { Get-TcpConnection | ForEach-Object { $script:rows++ } } : { Get-UnixSocket | ForEach-Object { $script:rows++ } } }
        'one cmdlet' { { $script:rows = @(Get-TcpConnection -LocalPort $port | Where-Object OwningProcess).Count } }
        'one ss' { { sh -c "ss $option sport = :$port > /dev/null" } }
        default { { sh -c "ss $option > /dev/null" } }
    }
    # The first compiles what it needs.
    $times = foreach ($i in 1..3) {
        $rows = 0
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        . $measure
        $clock.Elapsed.TotalSeconds
    }
    if ($How -eq 'cmdlet' -and $rows -lt ($What -eq 'one' ? 1 : $Count * 0.99)) {
        throw "$rows rows."
    }
    1 / ($times | Select-Object -Skip 1 | Measure-Object -Minimum).Minimum
} finally {
    $holder.StandardInput.Close()
    $holder.WaitForExit()
}
