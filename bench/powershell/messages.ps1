# 100,000 seqpacket messages of 64 bytes through Send-SocketData and Receive-SocketData, each by pipeline, one end in a
# runspace of its own.
param($Manifest)

Import-Module $Manifest
$data = [byte[]]::new(64)
$messages = [object[]]::new(100000)
for ($i = 0; $i -lt $messages.Count; $i++) {
    $messages[$i] = $data
}

function Measure-Run([object[]]$Message) {
    $a, $b = New-UnixSocketPair
    $shell = [powershell]::Create()
    $null = $shell.AddScript("Import-Module '$Manifest'").Invoke()
    $shell.Commands.Clear()
    $null = $shell.AddScript('param($socket, $messages) $messages | Send-SocketData $socket; Close-Socket $socket').AddArgument($a).AddArgument($Message)
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    $run = $shell.BeginInvoke()
    $count = ($b | Receive-SocketData -ToEnd | Measure-Object).Count
    $rate = $count / $clock.Elapsed.TotalSeconds
    $null = $shell.EndInvoke($run)
    $shell.Dispose()
    if ($count -ne $Message.Count) {
        throw "$count of $($Message.Count) messages arrived."
    }
    Close-Socket $b
    $rate
}

foreach ($i in 1..4) {
    $null = Measure-Run $messages
}
Measure-Run $messages
