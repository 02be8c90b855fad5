# Two runspaces, so unpinned: Node's ends share one thread, ours have two.
$module = $manifest
$command = $pwsh
$file = Join-Path $PSScriptRoot '../powershell/messages.ps1'
@{
    Name        = 'pipeline'
    Unit        = '64 B by Send-SocketData | Receive-SocketData / s'
    Contestants = [ordered]@{
        Cmdlets           = {
            [double](env @command -NoLogo -NoProfile -File $file $module | Select-Object -Last 1)
        }.GetNewClosure()
        'node-unix-socket' = { Measure-Node message seqpacket }
    }
    Bars        = @{ 'node-unix-socket' = 4 }
}
