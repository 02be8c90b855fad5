# Bulk data on one connection, whose other end is the C program of that name, which also measures.
param($Manifest, $Mode, $File)

Import-Module $Manifest

function Start-Other([string]$Argument) {
    $start = [System.Diagnostics.ProcessStartInfo]::new((Join-Path $PSScriptRoot '../build/bulk'), $Argument)
    $start.RedirectStandardOutput = $true
    $process = [System.Diagnostics.Process]::Start($start)
    [pscustomobject]@{ Output = $process.StandardOutput; Port = [int]$process.StandardOutput.ReadLine() }
}

function Measure-Receive([int]$MiB) {
    $other = Start-Other "source $MiB"
    $socket = Connect-TcpSocket 127.0.0.1 $other.Port
    $count = 0L
    $socket | Receive-SocketData -ToEnd | ForEach-Object { $count += $_.Length }
    $socket | Close-Socket
    if ($count -ne $MiB * 1MB) {
        throw "$count bytes of $MiB MiB arrived."
    }
    $other.Output.ReadLine()
}

switch ($Mode) {
    receive {
        $null = Measure-Receive 64
        Measure-Receive 512
    }
    copyto {
        $other = Start-Other 'source 512'
        $client = [System.Net.Sockets.TcpClient]::new('127.0.0.1', $other.Port)
        $client.GetStream().CopyTo([System.IO.Stream]::Null)
        $client.Dispose()
        $other.Output.ReadLine()
    }
    ncat {
        $other = Start-Other 'source 512'
        sh -c "ncat 127.0.0.1 $($other.Port) < /dev/null > /dev/null"
        $other.Output.ReadLine()
    }
    send {
        $other = Start-Other sink
        $socket = Connect-TcpSocket 127.0.0.1 $other.Port
        Send-SocketData $socket -LiteralPath $File
        $socket | Close-Socket
        $other.Output.ReadLine()
    }
    socat {
        $other = Start-Other sink
        socat -u "FILE:$File" "TCP:127.0.0.1:$($other.Port)"
        $other.Output.ReadLine()
    }
}
