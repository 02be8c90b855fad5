<#
.SYNOPSIS
    Measures how cost grows with size: sockets of the system, rules of a block list, connections, servers.
.DESCRIPTION
    Each part is done at sizes that grow by ten, and prints what one of them costs. Cost that grows as the size does keeps
    that figure level or lets it fall; a figure that goes up with the size would be worse than linear. Takes python3, and
    a hard limit of 20,000 descriptors a process (ulimit -Hn). Run ./bench/bench.ps1 once before: it builds the program
    that holds the sockets.
.EXAMPLE
    ./bench/growth.ps1 -Part rules
#>
[CmdletBinding()]
param(
    # Only the parts whose names match: sockets, rules, connections, listeners, servers.
    [string]$Part = '*'
)

$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 3
Import-Module (Join-Path $PSScriptRoot '../NetKeepAlive.psd1')

# The shortest of three, in microseconds; the first of all compiles what it needs.
function Measure-Shortest([scriptblock]$Work) {
    $null = . $Work
    $times = foreach ($turn in 1..3) {
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        $null = . $Work
        $clock.Elapsed.TotalMicroseconds
    }
    ($times | Measure-Object -Minimum).Minimum
}

function Write-Growth([string]$What, [int]$Size, [double]$Microseconds, [int]$Of = $Size) {
    Write-Host ([string]::Format([cultureinfo]::InvariantCulture, '{0,-58} {1,9:N0} {2,12:N1} ms {3,10:N2} us each', $What, $Size, ($Microseconds / 1000), ($Microseconds / $Of)))
}

# Sockets of twenty other processes.
function Measure-Socket {
    foreach ($size in 200, 2000, 20000, 200000) {
        $start = [System.Diagnostics.ProcessStartInfo]::new("$PSScriptRoot/build/hold", [string[]]('tcp', $size, 20))
        $start.RedirectStandardInput = $start.RedirectStandardOutput = $true
        $holder = [System.Diagnostics.Process]::Start($start)
        try {
            $port = $holder.StandardOutput.ReadLine()
            Write-Growth 'Get-TcpConnection, all with owners' $size (Measure-Shortest { Get-TcpConnection | ForEach-Object { } })
            Write-Growth 'Get-TcpConnection -LocalPort, one of so many' $size (Measure-Shortest { Get-TcpConnection -LocalPort $port })
        } finally {
            $holder.StandardInput.Close()
            $holder.WaitForExit()
        }
    }
}

function Measure-Rule {
    foreach ($size in 1000, 10000, 100000, 1000000) {
        # Every second address, so that none joins its neighbour.
        $rules = [string[]]::new($size)
        for ($i = 0; $i -lt $size; $i++) {
            $rules[$i] = "$(10 + ($i -shr 23)).$(($i -shr 15) -band 255).$(($i -shr 7) -band 255).$(($i * 2) -band 255)"
        }
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        $list = New-SocketBlockList -Address $rules
        Write-Growth 'New-SocketBlockList, so many rules' $size $clock.Elapsed.TotalMicroseconds
        $address = [ipaddress]$rules[$size / 2]
        Write-Growth 'a check of that list, 100,000 times' $size (Measure-Shortest { for ($i = 0; $i -lt 100000; $i++) { $null = $list.Check($address) } }) 100000
    }
}

# Clients of another process, all idle but the last, which sends a byte for each line that it is told.
function Measure-Connection {
    $program = @'
import socket, sys
held = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(int(sys.argv[2]))]
for line in sys.stdin: held[-1].send(b"x")
'@
    foreach ($size in 10, 100, 1000, 10000) {
        $listener = New-TcpSocketListener 0 127.0.0.1
        $start = [System.Diagnostics.ProcessStartInfo]::new('python3', [string[]]('-c', $program, $listener.LocalPort, $size))
        $start.RedirectStandardInput = $true
        $client = [System.Diagnostics.Process]::Start($start)
        try {
            $clock = [System.Diagnostics.Stopwatch]::StartNew()
            $servers = Receive-SocketConnection $listener -Count $size
            Write-Growth 'Receive-SocketConnection, so many' $size $clock.Elapsed.TotalMicroseconds
            Write-Growth 'Receive-SocketData from so many, one of which has a byte' $size (Measure-Shortest {
                    $client.StandardInput.WriteLine()
                    $servers | Receive-SocketData
                })
        } finally {
            $client.StandardInput.Close()
            $client.WaitForExit()
            Close-Socket $servers, $listener
        }
    }
}

function Measure-Server {
    foreach ($size in 10, 100, 1000) {
        $job = New-TcpSocketListener 0 127.0.0.1 | Start-SocketServer -ThrottleLimit 2000 {
            param($socket)
            while ($line = $socket | Receive-SocketData -Line) {
                "$line`n" | Send-SocketData $socket
            }
        }
        $port = $job.Listener[0].LocalPort
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        $clients = foreach ($i in 1..$size) {
            $client = Connect-TcpSocket 127.0.0.1 $port
            Send-SocketData $client -InputObject "x`n"
            $client
        }
        $null = $clients | Receive-SocketData -Count $size
        Write-Growth 'Start-SocketServer: so many clients, first answer to all' $size $clock.Elapsed.TotalMicroseconds
        Write-Growth 'a line there and back beside so many, 100 times' $size (Measure-Shortest {
                foreach ($i in 1..100) {
                    Send-SocketData $client -InputObject "x`n"
                    $null = Receive-SocketData $client
                }
            }) 100
        Close-Socket $clients
        $job | Remove-Job -Force
    }
}

function Measure-Listener {
    foreach ($size in 1, 10, 100, 1000) {
        $listeners = @(1..$size | ForEach-Object { New-TcpSocketListener 0 127.0.0.1 })
        $port = $listeners[-1].LocalPort
        Write-Growth 'Receive-SocketConnection from so many listeners' $size (Measure-Shortest {
                $client = Connect-TcpSocket 127.0.0.1 $port
                $server = $listeners | Receive-SocketConnection
                Close-Socket $client -Reset
                Close-Socket $server
            })
        Close-Socket $listeners
    }
}

$parts = [ordered]@{
    sockets     = { Measure-Socket }
    rules       = { Measure-Rule }
    connections = { Measure-Connection }
    listeners   = { Measure-Listener }
    servers     = { Measure-Server }
}
foreach ($name in $parts.Keys | Where-Object { $_ -like $Part }) {
    & $parts[$name]
}
