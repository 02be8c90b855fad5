# Four knobs on 2,000 sockets: through the cmdlet by pipeline, or by a script's four SetSocketOption calls each, by pipeline
# or in a foreach statement (which saves the script the pipeline that the cmdlet has to use).
param($Manifest, $Way)

Import-Module $Manifest
$sockets = foreach ($i in 1..2000) {
    [System.Net.Sockets.Socket]::new('InterNetwork', 'Stream', 'Tcp')
}
$run = switch ($Way) {
    'cmdlet' {
        { $sockets | Set-TcpKeepAlive -IdleTime 30 -Interval 10 -ProbeCount 3 -UserTimeout 60 }
    }
    'pipeline' {
        {
            $sockets | ForEach-Object {
                $_.SetSocketOption('Socket', 'KeepAlive', $true)
                $_.SetSocketOption('Tcp', 'TcpKeepAliveTime', 30)
                $_.SetSocketOption('Tcp', 'TcpKeepAliveInterval', 10)
                $_.SetSocketOption('Tcp', 'TcpKeepAliveRetryCount', 3)
            }
        }
    }
    'statement' {
        {
            foreach ($socket in $sockets) {
                $socket.SetSocketOption('Socket', 'KeepAlive', $true)
                $socket.SetSocketOption('Tcp', 'TcpKeepAliveTime', 30)
                $socket.SetSocketOption('Tcp', 'TcpKeepAliveInterval', 10)
                $socket.SetSocketOption('Tcp', 'TcpKeepAliveRetryCount', 3)
            }
        }
    }
}
foreach ($i in 1..5) {
    & $run
}
$clock = [System.Diagnostics.Stopwatch]::StartNew()
foreach ($i in 1..10) {
    & $run
}
$sockets.Count * 10 / $clock.Elapsed.TotalSeconds
