# Sends text to an echo server and shows what comes back.
#
#     ./examples/EchoClient.ps1 -Port 9898 -Text 'hello', 'world'
#     ./examples/EchoClient.ps1 -Port 9898 -Tls
param(
    [string]$HostName = 'localhost',
    [int]$Port = 9898,
    [string[]]$Text = 'hello',
    [switch]$Tls,

    # Checked unless the server is the one beside this script, whose certificate is trusted by nobody.
    [switch]$CheckCertificate
)

$ErrorActionPreference = 'Stop'
if (-not (Get-Module NetKeepAlive)) {
    # The one of this clone or package; else the one that is installed.
    $beside = Join-Path $PSScriptRoot '..'
    Import-Module ((Test-Path "$beside/module/NetKeepAlive.dll") ? "$beside/NetKeepAlive.psd1" : 'NetKeepAlive')
}

$socket = Connect-TcpSocket $HostName $Port -Timeout 60 -AllowHalfOpen -DetectWithin 60
try {
    if ($Tls) {
        $null = $socket | Protect-Socket -SkipCertificateCheck:(-not $CheckCertificate) -Timeout 60
    }
    foreach ($line in $Text) {
        "$line`n" | Send-SocketData $socket
        ($socket | Receive-SocketData -Line -Timeout 60).Text
    }
    $socket | Disconnect-Socket
} finally {
    $socket | Close-Socket
}
