# Text that others chose: what a terminal gets of it has its control characters escaped; as data it stays as it is.
BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'StreamTest.psm1')
    Import-Module (Join-Path $PSScriptRoot 'SocketTest.psm1')
    Import-TestModule
    $raw = "e`aX`bvil"
    $shown = 'e\x07X\x08vil'
    $rendering = $PSStyle.OutputRendering
    $PSStyle.OutputRendering = 'PlainText'

    # Nothing but lines, with the name as it is to be seen; of an object in a list, too.
    function Assert-Shown($Shown, [string]$Because) {
        foreach ($text in @($Shown | Out-String -Width 400; if ($Shown -isnot [string]) { $Shown | Format-List | Out-String -Width 400 })) {
            $text | Should -Match ([regex]::Escape('\x07')) -Because $Because
            $text | Should -Not -Match '[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]' -Because $Because
        }
    }

    # An error as people see it: of a message for many, the one of its own has none either.
    function Assert-ErrorShown([scriptblock]$Script) {
        $failure = $null
        try {
            $failure = & $Script 2>&1 | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] } | Select-Object -First 1
        } catch {
            $failure = $_
        }
        $failure | Should -Not -BeNullOrEmpty -Because "$Script"
        Assert-Shown "$failure" "$Script"
        "$failure".Length | Should -BeLessThan 1000 -Because "$Script"
    }
}

AfterAll {
    $PSStyle.OutputRendering = $rendering
}

Describe 'Text from others' {
    BeforeEach {
        $ErrorActionPreference = 'Continue'
        $folder = New-TestFolder
    }
    AfterEach {
        $receiver, $other, $listener, $client, $server, $ours, $theirs | Where-Object { $_ } | ForEach-Object Dispose
        $receiver = $other = $listener = $client = $server = $ours = $theirs = $null
        Remove-Item -LiteralPath $folder -Recurse -Force
    }

    It 'is escaped where a datagram socket and its sender are shown, by <Kind>' -ForEach @(
        @{ Kind = 'path' }
        @{ Kind = 'abstract name' }
    ) {
        if ($Kind -eq 'path') {
            $start = "$folder/"
        } else {
            Skip-WithoutLinux
            $start = "@$PID-"
        }
        $receiver = New-UnixDatagramSocket "$start$raw"
        $other = New-UnixDatagramSocket "${start}s$raw"
        $receiver.LocalPath | Should -BeExactly "$start$raw"
        "$receiver" | Should -BeExactly "unix:$start$shown"
        Assert-Shown $receiver 'a socket'
        'hello' | Send-SocketData $other -To $receiver.LocalPath
        $message = $receiver | Receive-SocketData -Timeout 20
        $message.RemotePath | Should -BeExactly $other.LocalPath
        Assert-Shown $message 'a message'
        'back' | Send-SocketData $receiver -To $message.RemotePath
        ($other | Receive-SocketData -Timeout 20).Text | Should -Be 'back'
        Assert-ErrorShown { New-UnixDatagramSocket "$start$raw" }
        Assert-ErrorShown { 'hello' | Send-SocketData $other -To "${start}none$raw" }
    }

    It 'is escaped where a listener and a connection are shown' {
        $listener = New-UnixSocketListener "$folder/$raw"
        Assert-Shown $listener 'a listener'
        "$listener" | Should -BeExactly "unix:$folder/$shown"
        $client = Connect-UnixSocket "$folder/$raw" -Timeout 20
        $client.RemotePath | Should -BeExactly "$folder/$raw"
        Assert-Shown $client 'a connection'
        if ($IsLinux) {
            Assert-Shown (Get-UnixSocket -InputObject $listener) 'a row'
        }
        Assert-Shown "$client" 'a connection in words'
        # What came back from another session is shown alike.
        Assert-Shown ([System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($client))) 'a picture'
        Assert-ErrorShown { Connect-UnixSocket "$folder/none$raw" }
        Assert-ErrorShown { $client | Receive-SocketData -Timeout 0.01 }
    }

    It 'is escaped where a certificate is shown' {
        $name = [System.Security.Cryptography.X509Certificates.X500DistinguishedNameBuilder]::new()
        $name.AddCommonName($raw)
        $certificate = New-TestCertificate -Subject $name.Build()
        $listener = New-TcpSocketListener 0 -Address 127.0.0.1
        $serve = {
            param($listener, $certificate)
            $listener | Receive-SocketConnection -Timeout 20 | Protect-Socket -AsServer -Certificate $certificate -Timeout 20
        }
        $handshake = Start-TestPipeline $serve $listener, $certificate
        $client = Connect-TcpSocket 127.0.0.1 $listener.LocalPort | Protect-Socket -SkipCertificateCheck -TargetHost localhost -Timeout 20
        $server = (Wait-TestPipeline $handshake).Output[0]
        $peer = $client.Tls.PeerCertificate
        $peer.Subject | Should -BeExactly "CN=$raw"
        Assert-Shown "$peer" 'in words'
        Assert-Shown $peer 'alone'
        Assert-Shown ($client.Tls | Format-Table ApplicationProtocol, PeerCertificate) 'as a property'
        Assert-Shown $client.Tls 'beside the rest'
        Assert-Shown ($client.Tls | Format-List) 'in a list'

        $handshake = Start-TestPipeline $serve $listener, $certificate
        $ours = Connect-TcpSocket 127.0.0.1 $listener.LocalPort
        Assert-ErrorShown { $ours | Protect-Socket -TargetHost localhost -Timeout 20 }
        $ours.Dispose()
        $theirs = (Wait-TestPipeline $handshake).Output | Select-Object -First 1

        # Without its key.
        $bare = [System.Security.Cryptography.X509Certificates.X509Certificate2]::CreateFromPem($certificate.ExportCertificatePem())
        Assert-ErrorShown { $server | Protect-Socket -ClientCertificate $bare }
    }

    It 'is escaped where an error repeats what was written, and cut where it is endless' {
        $connection = New-TestConnection
        $client, $server = $connection.Client, $connection.Server
        foreach ($text in $raw, ($raw + 'x' * 1MB)) {
            Assert-ErrorShown { Connect-TcpSocket "$text" }
            Assert-ErrorShown { Connect-TcpSocket localhost $text }
            Assert-ErrorShown { Get-TcpConnection -LocalPort $text }
            Assert-ErrorShown { Get-TcpConnection -RemoteAddress $text }
            Assert-ErrorShown { Get-TcpConnection -State $text }
            Assert-ErrorShown { Get-SocketOption $client $text }
            Assert-ErrorShown { Set-SocketOption $client $text 1 }
            Assert-ErrorShown { Set-SocketOption $client NoDelay $text }
            Assert-ErrorShown { Set-SocketOption $client ReceiveBufferSize $text }
            Assert-ErrorShown { Set-TcpKeepAlive $client -IdleTime $text }
            Assert-ErrorShown { New-TcpSocketListener 0 -Address $text }
            Assert-ErrorShown { New-UnixSocketListener "$folder/s" -Mode $text }
            Assert-ErrorShown { $client | Receive-SocketData -Encoding $text }
            Assert-ErrorShown { New-SocketBlockList | Add-SocketBlockListRule -Subnet $text }
        }
        Assert-ErrorShown { New-UnixDatagramSocket "$folder/$raw$('x' * 1MB)" }
        # .NET has no such care.
        Assert-ErrorShown { Send-SocketData -Socket $client -LiteralPath "$folder/$raw" }
    }

    It 'is escaped where an error repeats the name of a network namespace or of a policy' {
        Skip-WithoutLinux
        foreach ($text in $raw, ($raw + 'x' * 1MB)) {
            Assert-ErrorShown { Get-TcpConnection -NetworkNamespace $text }
            Assert-ErrorShown { Get-TcpConnection -NetworkNamespace "/$text" }
        }
    }

    It 'is escaped in questions and what -Verbose tells of them' {
        Skip-WithoutLinux
        $connection = New-TestConnection
        $client, $server = $connection.Client, $connection.Server
        Assert-Shown (Set-SocketOption $client Congestion $raw -Verbose -ErrorAction Ignore 4>&1) 'a value'
        $receiver = New-UnixDatagramSocket "$folder/$raw"
        Assert-Shown (Set-SocketOption $receiver -SendBufferSize 4096 -Verbose -WarningAction Ignore 4>&1) 'a socket'
        Assert-Shown (Set-SocketOption $receiver.Socket -SendBufferSize 4096 -Verbose -WarningAction Ignore 4>&1) 'a socket of .NET'
    }
}
