# Unpinned, unlike the loops of one thread: the cmdlet looks up the owners, which ss -tno does not, on every processor.
$module = $manifest
$command = $pwsh
$file = Join-Path $PSScriptRoot '../powershell/get-tcpconnection.ps1'
$measure = {
    param([string]$How)
    [double](env @command -NoLogo -NoProfile -File $file $module $How | Select-Object -Last 1)
}.GetNewClosure()
@{
    Name        = 'Get-TcpConnection'
    Unit        = 'listings of 20,000 sockets / s'
    Contestants = [ordered]@{
        Cmdlet              = { & $measure cmdlet }.GetNewClosure()
        'ss -tno'           = { & $measure ss }.GetNewClosure()
        'script parsing ss' = { & $measure parse }.GetNewClosure()
    }
    # At most twice the time of ss, at most a fifth of the script's.
    Bars        = @{ 'ss -tno' = 0.8; 'script parsing ss' = 5 }
}
