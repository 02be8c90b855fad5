# What the tests of streams and servers share.
Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')

# A throw-away certificate with its key, for localhost and 127.0.0.1.
function New-TestCertificate([string]$Name = 'localhost', $Subject = "CN=$Name") {
    $key = [System.Security.Cryptography.ECDsa]::Create([System.Security.Cryptography.ECCurve+NamedCurves]::nistP256)
    $request = [System.Security.Cryptography.X509Certificates.CertificateRequest]::new($Subject, $key, 'SHA256')
    $names = [System.Security.Cryptography.X509Certificates.SubjectAlternativeNameBuilder]::new()
    $names.AddDnsName($Name)
    $names.AddIpAddress([ipaddress]::Loopback)
    $request.CertificateExtensions.Add($names.Build())
    $request.CreateSelfSigned([datetimeoffset]::UtcNow.AddHours(-1), [datetimeoffset]::UtcNow.AddHours(1))
}

# Writes the certificate and its key where openssl finds them: the path of the one PEM file with both.
function Export-TestCertificate($Certificate, [string]$Folder, [string]$Name) {
    $path = Join-Path $Folder "$Name.pem"
    $key = [System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions]::GetECDsaPrivateKey($Certificate)
    $Certificate.ExportCertificatePem(), $key.ExportPkcs8PrivateKeyPem() | Set-Content $path
    $path
}

# Reads lines of a process's output until one matches; the match.
function Wait-TestOutput([System.IO.StreamReader]$Reader, [string]$Pattern, [double]$Seconds = 20) {
    $deadline = [datetime]::UtcNow.AddSeconds($Seconds)
    $seen = ''
    while ([datetime]::UtcNow -lt $deadline) {
        $reading = $Reader.ReadLineAsync()
        if (-not $reading.Wait([timespan]::FromSeconds($Seconds)) -or $null -eq $reading.Result) {
            break
        }
        $seen += "$($reading.Result)`n"
        if ($reading.Result -match $Pattern) {
            return $Matches
        }
    }
    throw "No '$Pattern' within $Seconds s in: $seen"
}

# A port on loopback that nobody has, and that the kernel does not choose for anybody before it is used.
function Get-FreePort {
    $range = '/proc/sys/net/ipv4/ip_local_port_range'
    $end = if (Test-Path $range) { [int](Get-Content $range).Split()[0] } else { 30000 }
    foreach ($try in 1..100) {
        # Where the kernel chooses from low ports too, it may choose this one.
        $port = if ($end -gt 11000) { Get-Random -Minimum 10240 -Maximum $end } else { 0 }
        $listener = [System.Net.Sockets.TcpListener]::new([ipaddress]::Loopback, $port)
        try {
            $listener.Start()
            return $listener.LocalEndpoint.Port
        } catch [System.Net.Sockets.SocketException] {
            continue
        } finally {
            $listener.Stop()
        }
    }
    throw 'No port is free.'
}

# Everything of this process that a server could leave behind.
function Get-TestFootprint {
    [GC]::Collect()
    [GC]::WaitForPendingFinalizers()
    [pscustomobject]@{
        Descriptors = @([System.IO.Directory]::GetFiles('/proc/self/fd')).Count
        Sockets     = @(Get-ChildItem /proc/self/fd | Where-Object Target -Like 'socket:*').Count
        Runspaces   = @(Get-Runspace).Count
    }
}

Export-ModuleMember -Function *-*
