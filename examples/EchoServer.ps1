# An echo server: everything goes back to where it came from, until Ctrl+C.
#
#     ./examples/EchoServer.ps1 -Port 9898
#     ./examples/EchoServer.ps1 -Port 9898 -Tls
#
# Any client will do: ncat 127.0.0.1 9898, openssl s_client -connect 127.0.0.1:9898, ./examples/EchoClient.ps1.
param(
    # 0 lets the kernel choose.
    [int]$Port = 9898,
    [ipaddress]$Address = '127.0.0.1',

    # How long a client may take to agree on TLS, in seconds.
    [double]$Timeout = 10,

    # With a throw-away certificate for localhost, made now and trusted by nobody.
    [switch]$Tls
)

$ErrorActionPreference = 'Stop'
if (-not (Get-Module NetKeepAlive)) {
    # The one of this clone or package; else the one that is installed.
    $beside = Join-Path $PSScriptRoot '..'
    Import-Module ((Test-Path "$beside/module/NetKeepAlive.dll") ? "$beside/NetKeepAlive.psd1" : 'NetKeepAlive')
}

$certificate = if ($Tls) {
    $key = [System.Security.Cryptography.ECDsa]::Create([System.Security.Cryptography.ECCurve+NamedCurves]::nistP256)
    $request = [System.Security.Cryptography.X509Certificates.CertificateRequest]::new('CN=localhost', $key, 'SHA256')
    $names = [System.Security.Cryptography.X509Certificates.SubjectAlternativeNameBuilder]::new()
    $names.AddDnsName('localhost')
    $request.CertificateExtensions.Add($names.Build())
    $request.CreateSelfSigned([datetimeoffset]::UtcNow.AddMinutes(-5), [datetimeoffset]::UtcNow.AddDays(1))
}

# A client that vanishes is noticed within a minute.
$listener = New-TcpSocketListener $Port $Address -AllowHalfOpen -DetectWithin 60
$server = $listener | Start-SocketServer -ThrottleLimit 64 -ArgumentList $certificate, $Timeout {
    param($socket, $certificate, $timeout)
    if ($certificate) {
        $null = $socket | Protect-Socket -AsServer -Certificate $certificate -Timeout $timeout -ErrorAction Stop
    }
    $socket | Receive-SocketData -ToEnd | Send-SocketData
    "$($socket.RemoteAddress):$($socket.RemotePort) $($socket.BytesReceived) bytes"
}
"Listening on $listener$($Tls ? ' with TLS' : '')."
try {
    $server | Receive-Job -Wait
} finally {
    $server | Remove-Job -Force
}
