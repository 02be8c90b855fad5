# Holds so many TCP sockets on loopback, both ends of each connection, until its input ends. Keep-alive is on, so that
# each has a timer to tell of. They end by a reset: thousands in TIME-WAIT would be in the next contestant's table, and
# ss -tno would pass them over while the cmdlet lists them.
param([int]$Count)

$listener = [System.Net.Sockets.Socket]::new('InterNetwork', 'Stream', 'Tcp')
$listener.Bind([System.Net.IPEndPoint]::new([ipaddress]::Loopback, 0))
$listener.Listen(511)
$sockets = [System.Collections.Generic.List[object]]::new($Count)
for ($i = 0; $i -lt $Count / 2; $i++) {
    $client = [System.Net.Sockets.Socket]::new('InterNetwork', 'Stream', 'Tcp')
    $client.SetSocketOption('Socket', 'KeepAlive', $true)
    $client.LingerState = [System.Net.Sockets.LingerOption]::new($true, 0)
    $client.Connect($listener.LocalEndPoint)
    $sockets.Add($client)
    $sockets.Add($listener.Accept())
}
'ready'
$null = [Console]::In.ReadToEnd()
