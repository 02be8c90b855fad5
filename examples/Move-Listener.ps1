<#
.SYNOPSIS
    Passes a listening socket to another pwsh, which goes on accepting where this one stops: no connection is refused in
    between, for the kernel's queue stays.
.EXAMPLE
    ./Move-Listener.ps1
#>
[CmdletBinding()]
param()

$ErrorActionPreference = 'Stop'
if (-not (Get-Module NetKeepAlive)) {
    # The one of this clone or package; else the one that is installed.
    $beside = Join-Path $PSScriptRoot '..'
    Import-Module ((Test-Path "$beside/module/NetKeepAlive.dll") ? "$beside/NetKeepAlive.psd1" : 'NetKeepAlive')
}
$manifest = (Get-Module NetKeepAlive).Path -replace 'module/NetKeepAlive\.PowerShell\.dll$', 'NetKeepAlive.psd1'
$folder = [System.IO.Directory]::CreateTempSubdirectory('nka').FullName

# The new process connects to this one, takes the listener, and serves one connection.
$newProcess = @"
Import-Module '$manifest'
`$from = Connect-SeqpacketSocket '$folder/handover' -Timeout 120
`$listener = Receive-SocketHandle `$from -Timeout 120
`$client = `$listener | Receive-SocketConnection -Timeout 120
"served by `${PID}: `$((`$client | Receive-SocketData -Timeout 120).Text)" | Send-SocketData `$client
Close-Socket `$client, `$listener, `$from
"@

$service = New-SeqpacketListener "$folder/service"
$handover = New-SeqpacketListener "$folder/handover"
try {
    $encoded = [Convert]::ToBase64String([System.Text.Encoding]::Unicode.GetBytes($newProcess))
    $pwsh = @(& (Join-Path $PSScriptRoot 'Get-PwshCommand.ps1'))
    $process = Start-Process env ($pwsh + @('-NoLogo', '-NoProfile', '-EncodedCommand', $encoded)) -PassThru
    $other = $handover | Receive-SocketConnection -Timeout 120
    # Somebody connects before the new process has the listener: the connection waits in the queue.
    $client = Connect-SeqpacketSocket "$folder/service"
    'hello' | Send-SocketData $client
    $service | Send-SocketHandle $other
    "this is $PID; $(($client | Receive-SocketData -Timeout 120).Text)"
    $process.WaitForExit(120000) | Out-Null
} finally {
    $service, $handover, $other, $client | Where-Object { $_ } | Close-Socket
    Remove-Item $folder -Recurse -Force
}
