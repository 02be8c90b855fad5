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
    # What is listed goes to nobody, as what ss writes.
    $measure = switch ("$What $How") {
        'all cmdlet' { $Kind -eq 'tcp' ? { $null = Get-TcpConnection } : { $null = Get-UnixSocket } }
        'one cmdlet' { { $null = Get-TcpConnection -LocalPort $port } }
        'one ss' { { sh -c "ss $option sport = :$port > /dev/null" } }
        default { { sh -c "ss $option > /dev/null" } }
    }
    if ($How -eq 'cmdlet') {
        $rows = @($What -eq 'one' ? (Get-TcpConnection -LocalPort $port) : $Kind -eq 'tcp' ? (Get-TcpConnection) : (Get-UnixSocket))
        if ($rows.Where({ $_.OwningProcess }).Count -lt ($What -eq 'one' ? 1 : $Count * 0.99)) {
            throw "$($rows.Count) rows."
        }
        $rows = $null
    }
    # As in get-tcpconnection.ps1 the median from the third on: the first compile what they need. ss is compiled.
    $times = foreach ($i in 1..($How -eq 'cmdlet' ? 7 : 3)) {
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        . $measure
        $clock.Elapsed.TotalSeconds
    }
    $counted = @($times | Select-Object -Skip 2 | Sort-Object)
    1 / $counted[[math]::Floor($counted.Count / 2)]
} finally {
    $holder.StandardInput.Close()
    $holder.WaitForExit()
}
