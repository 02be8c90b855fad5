BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'SocketTest.psm1')
    Import-Module (Join-Path $PSScriptRoot 'StreamTest.psm1')
    Import-TestModule
}

Describe 'Receive-SocketData on streams' {
    BeforeEach {
        $peer, $socket = New-UnixSocketPair Stream
        $manifest = Get-TestManifest
    }
    AfterEach {
        $peer, $socket | Close-Socket
    }

    It 'receives lines without their ends, the last one also without one' {
        "one`ntwo`r`n`nlast" | Send-SocketData $peer
        $peer | Disconnect-Socket
        $lines = $socket | Receive-SocketData -Line -ToEnd -Timeout 10
        $lines.Text | Should -Be 'one', 'two', '', 'last'
        $lines[0] | Should -BeOfType NetKeepAlive.SocketMessage
        ($lines | ForEach-Object Length) | Should -Be 3, 3, 0, 4
    }

    It 'receives lines as base64, by their bytes' {
        "abc`r`ndef`n" | Send-SocketData $peer
        ($socket | Receive-SocketData -Line -Count 2 -Encoding base64 -Timeout 10).Text | Should -Be 'YWJj', 'ZGVm'
    }

    It 'cuts nothing at -MaximumLength, which bounds' {
        'abcdef' | Send-SocketData $peer
        { $socket | Receive-SocketData -ByteCount 5 -MaximumLength 2 -Timeout 10 } | Should -Throw '*-ByteCount 5*-MaximumLength 2*1 to 2*'
        ($socket | Receive-SocketData -MaximumLength 2 -Count 2 -Timeout 10).Text | Should -Be ab, cd
        ($socket | Receive-SocketData -MaximumLength 2147483647 -Timeout 10).Text | Should -Be ef
    }

    It 'receives -Count lines and leaves the rest' {
        "1`n2`n3`n4" | Send-SocketData $peer
        ($socket | Receive-SocketData -Line -Count 2 -Timeout 10).Text | Should -Be '1', '2'
        ($socket | Receive-SocketData -Timeout 10).Text | Should -Be "3`n4"
    }

    It 'loses nothing of a line whose end did not come in time' {
        'begin' | Send-SocketData $peer
        $socket | Receive-SocketData -Line -Timeout 0.1 -ErrorAction SilentlyContinue -ErrorVariable failure | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'Timeout,*'
        $failure[0].Exception.Message | Should -BeLike '*5 bytes are there and kept for the next call, and the rest did not come within 100 ms.'
        " end`n" | Send-SocketData $peer
        ($socket | Receive-SocketData -Line -Timeout 10).Text | Should -Be 'begin end'
    }

    It 'receives an exact number of bytes' {
        'abcdefghij' | Send-SocketData $peer
        ($socket | Receive-SocketData -ByteCount 4 -Count 2 -Timeout 10).Text | Should -Be 'abcd', 'efgh'
        $peer | Disconnect-Socket
        $rest = $socket | Receive-SocketData -ByteCount 4 -Timeout 10
        $rest.Text | Should -Be 'ij'
        $rest.Truncated | Should -BeTrue
        $rest.FullLength | Should -Be 4
        $socket | Receive-SocketData -ByteCount 4 -Timeout 10 | Should -BeNullOrEmpty
    }

    It 'says LineTooLong of a line longer than -MaximumLength, and loses nothing' {
        ('x' * 100 + "`nnext`n") | Send-SocketData $peer
        $socket | Receive-SocketData -Line -MaximumLength 10 -Timeout 10 -ErrorAction SilentlyContinue -ErrorVariable failure | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'LineTooLong,*'
        $failure[0].Exception.Message | Should -BeLike '*10 bytes*out of step*'
        ($socket | Receive-SocketData -Line -Count 2 -Timeout 10).Text | Should -Be ('x' * 100), 'next'
    }

    It 'takes a mebibyte at the most for a line without end, unless -MaximumLength says otherwise' {
        $sending = Start-TestPipeline { param($s) Send-SocketData $s -InputObject ('x' * 1100000 + "`n") -Timeout 20 } $peer
        $socket | Receive-SocketData -Line -Timeout 20 -ErrorAction SilentlyContinue -ErrorVariable failure | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'LineTooLong,*'
        ($socket | Receive-SocketData -Line -MaximumLength 2000000 -Timeout 20).Length | Should -Be 1100000
        $null = Wait-TestPipeline $sending
    }

    It 'does not break a character over two chunks' {
        [byte[]]$bytes = [System.Text.Encoding]::UTF8.GetBytes("a`u{20AC}`u{1F44D}b")
        $text = foreach ($byte in $bytes) {
            , [byte[]]$byte | Send-SocketData $peer
            ($socket | Receive-SocketData -Timeout 10).Text
        }
        -join $text | Should -BeExactly "a`u{20AC}`u{1F44D}b"
    }

    It 'waits for lines of many sockets at once' {
        $otherPeer, $other = New-UnixSocketPair Stream
        "half" | Send-SocketData $peer
        "whole`n" | Send-SocketData $otherPeer
        ($socket, $other | Receive-SocketData -Line -Timeout 10).Text | Should -Be whole
        " a line`n" | Send-SocketData $peer
        ($socket, $other | Receive-SocketData -Line -Timeout 10).Text | Should -Be 'half a line'
        $otherPeer, $other | Close-Socket
    }

    It 'warns once, with the half line, when a TLS connection is cut' {
        $certificate = New-TestCertificate
        $manifest = Get-TestManifest
        $server = Start-ThreadJob { Import-Module $using:manifest; $using:peer | Protect-Socket -AsServer -Certificate $using:certificate -Timeout 20 }
        $null = $socket | Protect-Socket -SkipCertificateCheck -Timeout 20
        $null = $server | Receive-Job -Wait -AutoRemoveJob
        "whole`nHALF OF A LI" | Send-SocketData $peer
        ($socket | Receive-SocketData -Line -Timeout 20 -WarningVariable warning).Text | Should -Be whole
        $warning | Should -BeNullOrEmpty
        $peer.Socket.Shutdown('Send')
        $half = $socket | Receive-SocketData -Line -ToEnd -Timeout 20 -WarningAction SilentlyContinue -WarningVariable warning |
            Select-Object -First 1
        $half.Text | Should -Be 'HALF OF A LI'
        $half.Socket.EndedWithoutCloseNotify | Should -BeTrue
        $warning.Count | Should -Be 1
        $warning[0].Message | Should -BeLike '*without close_notify*'
        $socket | Receive-SocketData -Line -ToEnd -Timeout 20 -WarningAction SilentlyContinue -WarningVariable warning | Should -BeNullOrEmpty
        $warning.Count | Should -Be 1 -Because 'whoever asks again is told again'
    }

    It 'refuses -Line and -ByteCount together, and on message sockets' {
        { $socket | Receive-SocketData -Line -ByteCount 3 } | Should -Throw -ErrorId 'EINVAL,*'
        $datagram = New-UnixSocketPair Datagram
        { $datagram[0] | Receive-SocketData -Line -ErrorAction Stop } | Should -Throw '*for streams*'
        $datagram | Close-Socket
    }

    It 'echoes: what is received with -ToEnd goes back' {
        $script = Start-ThreadJob { Import-Module $using:manifest; $using:socket | Receive-SocketData -ToEnd | Send-SocketData }
        'there and back' | Send-SocketData $peer
        ($peer | Receive-SocketData -Timeout 20).Text | Should -Be 'there and back'
        $peer | Disconnect-Socket
        $script | Wait-Job -Timeout 20 | Should -Not -BeNullOrEmpty
        Remove-Job $script -Force
    }

    It 'raises events for what comes through TLS' {
        $certificate = New-TestCertificate
        $server = Start-ThreadJob { Import-Module $using:manifest; $using:peer | Protect-Socket -AsServer -Certificate $using:certificate -Timeout 20 }
        $null = $socket | Protect-Socket -SkipCertificateCheck -Timeout 20
        $null = $server | Receive-Job -Wait -AutoRemoveJob
        $null = Register-ObjectEvent $socket DataReceived -SourceIdentifier tls
        $null = Register-ObjectEvent $socket Ended -SourceIdentifier tlsEnd
        try {
            'through TLS' | Send-SocketData $peer
            (Wait-Event tls -Timeout 20).SourceEventArgs.Text | Should -Be 'through TLS'
            $peer | Close-Socket
            Wait-Event tlsEnd -Timeout 20 | Should -Not -BeNullOrEmpty
        } finally {
            Unregister-Event tls
            Unregister-Event tlsEnd
            Get-Event | Remove-Event
        }
    }

    It 'ends messages at -Delimiter: <Name>' -ForEach @(
        @{ Name = 'CR'; Delimiter = "`r"; Sent = "one`rtwo`r"; Expected = 'one', 'two' }
        @{ Name = 'a word'; Delimiter = 'END'; Sent = 'oneENDtwoENDthree'; Expected = 'one', 'two', 'three' }
        @{ Name = 'a byte'; Delimiter = 0; Sent = "one`0two`0"; Expected = 'one', 'two' }
        @{ Name = 'bytes'; Delimiter = [byte[]](13, 10); Sent = "one`r`ntwo`nthree`r`n"; Expected = 'one', "two`nthree" }
    ) {
        $one, $other = New-UnixSocketPair Stream
        $Sent | Send-SocketData $one
        $one | Close-Socket
        ($other | Receive-SocketData -Delimiter $Delimiter -ToEnd -Timeout 20).Text | Should -Be $Expected
        $other | Close-Socket
    }

    It 'says what a delimiter is' {
        $one, $other = New-UnixSocketPair Stream
        { $other | Receive-SocketData -Delimiter '' } | Should -Throw '*-Delimiter*at least one*'
        { $other | Receive-SocketData -Delimiter 'x' -Line } | Should -Throw '*exclude one another*'
        { $other | Receive-SocketData -Delimiter (Get-Date) } | Should -Throw '*text and bytes*'
        $one, $other | Close-Socket
        $one, $other = New-UnixSocketPair
        $other | Receive-SocketData -Delimiter 'x' -ErrorVariable wrong -ErrorAction SilentlyContinue
        "$wrong" | Should -BeLike '*are for streams*'
        $one, $other | Close-Socket
    }
}
