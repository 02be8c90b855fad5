# Four knobs on 2,000 sockets: through the cmdlet by pipeline, or by a script's four SetSocketOption calls each.
param($Manifest, $Way)

Import-Module $Manifest
$sockets = foreach ($i in 1..2000) {
    [System.Net.Sockets.Socket]::new('InterNetwork', 'Stream', 'Tcp')
}
$run = if ($Way -eq 'cmdlet') {
    { $sockets | Set-TcpKeepAlive -IdleTime 30 -Interval 10 -ProbeCount 3 -UserTimeout 60 }
} else {
    {
        foreach ($socket in $sockets) {
            $socket.SetSocketOption('Socket', 'KeepAlive', $true)
            $socket.SetSocketOption('Tcp', 'TcpKeepAliveTime', 30)
            $socket.SetSocketOption('Tcp', 'TcpKeepAliveInterval', 10)
            $socket.SetSocketOption('Tcp', 'TcpKeepAliveRetryCount', 3)
        }
    }
}
foreach ($i in 1..3) {
    & $run
}
$clock = [System.Diagnostics.Stopwatch]::StartNew()
foreach ($i in 1..5) {
    & $run
}
$sockets.Count * 5 / $clock.Elapsed.TotalSeconds
