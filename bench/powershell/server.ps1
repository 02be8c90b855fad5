# A server that echoes: one byte of each connection, or line after line. The clients are the C program of that name.
param($Manifest, $Mode)

Import-Module $Manifest
$serve = @{
    connections = { param($socket) $socket | Receive-SocketData | Send-SocketData }
    line        = {
        param($socket)
        $socket | Receive-SocketData -Line -ToEnd | ForEach-Object { "$_`n" } | Send-SocketData $socket
    }
    # One pair of commands for each line.
    loop        = {
        param($socket)
        while ($line = $socket | Receive-SocketData -Line) { "$line`n" | Send-SocketData $socket }
    }
}
$listener = New-TcpSocketListener 0 127.0.0.1 -NoDelay
$job = Start-SocketServer $listener $serve[$Mode]
$clients = Join-Path $PSScriptRoot '../build/clients'
if ($Mode -eq 'connections') {
    & $clients connections $listener.LocalPort 8 5 2
} else {
    & $clients line $listener.LocalPort 5 2
}
$job | Remove-Job -Force
