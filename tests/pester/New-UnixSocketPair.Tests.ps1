BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-Module (Join-Path $PSScriptRoot 'SocketTest.psm1')
    Import-TestModule
}

Describe 'New-UnixSocketPair' {
    It 'makes two <Type> ends that talk both ways' -ForEach @(
        @{ Type = 'Seqpacket'; Class = 'SeqpacketSocket' }
        @{ Type = 'Datagram'; Class = 'UnixDatagramSocket' }
        @{ Type = 'Stream'; Class = 'StreamSocket' }
    ) {
        $a, $b = New-UnixSocketPair $Type
        $a, $b | Should -BeOfType "NetKeepAlive.$Class"
        'there' | Send-SocketData $a
        ($b | Receive-SocketData -Timeout 5).Text | Should -Be there
        'back' | Send-SocketData $b
        ($a | Receive-SocketData -Timeout 5).Text | Should -Be back
        $a.PeerCredential.OwningProcess | Should -Be $PID
        $a.State | Should -Be Open
        Close-Socket $a, $b
        $a.State | Should -Be Closed
    }

    It 'is seqpacket unless told otherwise, and refuses other types' {
        $a, $b = New-UnixSocketPair
        $a.SocketType | Should -Be Seqpacket
        Close-Socket $a, $b
        { New-UnixSocketPair Raw -ErrorAction Stop } | Should -Throw "*'SocketType'*"
    }

    It 'counts the bytes of both ends' {
        $a, $b = New-UnixSocketPair
        '12345' | Send-SocketData $a
        $null = $b | Receive-SocketData
        $a.BytesSent | Should -Be 5
        $b.BytesReceived | Should -Be 5
        Close-Socket $a, $b
    }
}
