# Two runspaces, so unpinned: Node's ends share one thread, ours have two.
@{
    Name        = 'pipeline'
    Unit        = '64 B by Send-SocketData | Receive-SocketData / s'
    Contestants = [ordered]@{
        Cmdlets           = {
            [double](& (Get-Process -Id $PID).Path -NoLogo -NoProfile -File (Join-Path $PSScriptRoot '../powershell/messages.ps1') $manifest | Select-Object -Last 1)
        }.GetNewClosure()
        'node-unix-socket' = { Measure-Node message seqpacket }
    }
    Bars        = @{ 'node-unix-socket' = 1 }
}
