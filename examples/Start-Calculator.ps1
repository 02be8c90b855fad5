<#
.SYNOPSIS
    A service of questions and answers over seqpacket: each message is a JSON request, each answer another. It serves
    clients one after the other until Ctrl+C, or -Count of them.
.EXAMPLE
    ./Start-Calculator.ps1 ./calculator.sock
.EXAMPLE
    $c = Connect-SeqpacketSocket ./calculator.sock
    '{"operation":"add","values":[1,2,3]}' | Send-SocketData $c -PassThru; ($c | Receive-SocketData).Text
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory, Position = 0)]
    [string]$Path,

    # How many clients to serve.
    [int]$Count = [int]::MaxValue
)

$ErrorActionPreference = 'Stop'
if (-not (Get-Module NetKeepAlive)) {
    # The one of this clone or package; else the one that is installed.
    $beside = Join-Path $PSScriptRoot '..'
    Import-Module ((Test-Path "$beside/module/NetKeepAlive.dll") ? "$beside/NetKeepAlive.psd1" : 'NetKeepAlive')
}

function Get-Answer([string]$Text) {
    try {
        $request = $Text | ConvertFrom-Json
        $sum = $request.values | Measure-Object -Sum -Average
        switch ($request.operation) {
            'add' { @{ result = $sum.Sum } }
            'mean' { @{ result = $sum.Average } }
            default { @{ error = "unknown operation '$_'" } }
        }
    } catch {
        @{ error = "not a request: $_" }
    }
}

$listener = New-SeqpacketListener $Path -Force
try {
    Write-Output "Serving on $($listener.LocalPath)"
    $listener | Receive-SocketConnection -Count $Count | ForEach-Object {
        $client = $_
        Write-Output "Serving $($client.PeerCredential)"
        # What a client sends is answered to it, whatever its size; the end of its side ends the loop.
        $client | Receive-SocketData -ToEnd | ForEach-Object {
            Get-Answer $_.Text | ConvertTo-Json -Compress | Send-SocketData $_.Socket
        }
        Close-Socket $client
    }
} finally {
    Close-Socket $listener
}
