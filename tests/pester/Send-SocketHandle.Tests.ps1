BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-Module (Join-Path $PSScriptRoot 'SocketTest.psm1')
    Import-TestModule
}

Describe 'Send-SocketHandle' {
    BeforeEach {
        $folder = New-TestFolder
        Set-Content "$folder/file" 'the content'
    }
    AfterEach {
        Remove-Item $folder -Recurse -Force
    }

    It 'gives Python a file over a <Type> socket' -ForEach @(@{ Type = 'Seqpacket' }, @{ Type = 'Stream' }) {
        Skip-WithoutTool python3
        $kind = if ($Type -eq 'Stream') { 'SOCK_STREAM' } else { 'SOCK_SEQPACKET' }
        $server = Start-Python "import socket,sys,os; l=socket.socket(socket.AF_UNIX,socket.$kind); l.bind(sys.argv[1]); l.listen(); print('ready'); c,_=l.accept(); m,f,_,_=socket.recv_fds(c,10,5); print(len(f)); [print(os.read(x,100).decode(),end='') for x in f]" "$folder/s"
        try {
            $client = if ($Type -eq 'Stream') {
                $socket = [System.Net.Sockets.Socket]::new('Unix', 'Stream', 'Unspecified')
                $socket.Connect([System.Net.Sockets.UnixDomainSocketEndPoint]::new("$folder/s"))
                $socket
            } else {
                Connect-SeqpacketSocket "$folder/s"
            }
            $file = [System.IO.File]::OpenRead("$folder/file")
            $again = [System.IO.File]::OpenRead("$folder/file")
            $file, $again | Send-SocketHandle $client
            $server.StandardOutput.ReadLine() | Should -Be 2 -Because 'those of one pipeline travel together'
            $server.StandardOutput.ReadToEnd().Trim() -split "`n" | Should -Be 'the content', 'the content'
            $file.CanRead | Should -BeTrue -Because 'the sender''s stays open'
            $file.Dispose()
            $again.Dispose()
            Close-Socket $client
        } finally {
            Stop-TestProcess $server
        }
    }

    It 'sends -Message with them: <Name>' -ForEach @(
        @{ Name = 'text'; Message = "FDSTORE=1`n`u{e9}"; Expected = "FDSTORE=1`n`u{e9}" }
        @{ Name = 'bytes'; Message = [byte[]](65, 0, 66); Expected = "A`0B" }
        @{ Name = 'an array of numbers'; Message = 65, 66; Expected = 'AB' }
        @{ Name = 'nothing'; Message = ''; Expected = '' }
    ) {
        $socket = New-UnixDatagramSocket "$folder/d"
        $from = New-UnixDatagramSocket
        Send-SocketHandle $from $from -Message $Message -To "$folder/d" -Timeout 5
        $got = $socket | Receive-SocketData -Timeout 5
        $got.Text | Should -Be $Expected
        $got.Handles.Count | Should -Be 1
        $got.Dispose()
        Close-Socket $socket, $from
    }

    It 'sends to an abstract name' {
        Skip-WithoutLinux
        $name = "nka-$PID-$([guid]::NewGuid())"
        $socket = New-UnixDatagramSocket -AbstractName $name
        $from = New-UnixDatagramSocket
        $from | Send-SocketHandle $from -ToAbstractName $name -Message BARRIER=1 -Timeout 5
        $got = $socket | Receive-SocketData -Timeout 5
        $got.Text | Should -Be BARRIER=1
        $got.Dispose()
        Close-Socket $socket, $from
    }

    It 'refuses a receiver where the peer is the only one: <Type> with <With>' -ForEach @(
        foreach ($type in 'Stream', 'Seqpacket') {
            @{ Type = $type; With = '-To'; Receiver = @{ To = '/tmp/none-such' } }
            @{ Type = $type; With = '-ToAbstractName'; Receiver = @{ ToAbstractName = 'none-such' } }
        }
    ) {
        if ($With -eq '-ToAbstractName') {
            Skip-WithoutLinux
        }
        $a, $b = New-UnixSocketPair $Type
        Send-SocketHandle $a $a @Receiver -Timeout 5 -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'EISCONN,*'
        $b | Receive-SocketData -Timeout 0 -ErrorAction SilentlyContinue | Should -BeNullOrEmpty -Because 'nothing is sent'
        Close-Socket $a, $b
    }

    It 'says that a stream needs at least one byte' {
        $a, $b = New-UnixSocketPair Stream
        Send-SocketHandle $a $a -Message '' -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'EINVAL,*'
        $failure[0].Exception.Message | Should -BeLike '*-Message is empty*at least one byte*'
        Close-Socket $a, $b
    }

    It 'refuses a -Message that is an array, but not of bytes: <_>' -ForEach @(@(300, 1), @('a', 'b')) {
        $a, $b = New-UnixSocketPair
        Send-SocketHandle $a $a -Message $_ -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'EINVAL,*'
        $failure[0].Exception.Message | Should -BeLike '-Message is an array, but not of bytes*0 to 255*'
        Close-Socket $a, $b
    }

    It 'takes files, sockets, listeners, pipes and handles' {
        $a, $b = New-UnixSocketPair
        $c, $d = New-UnixSocketPair Stream
        $listener = New-SeqpacketListener "$folder/l"
        $file = [System.IO.File]::OpenRead("$folder/file")
        $pipe = [System.IO.Pipes.AnonymousPipeServerStream]::new('Out')
        Send-SocketHandle $a -InputObject $file, $c, $listener, $pipe, $file.SafeFileHandle
        $got = @(Receive-SocketHandle $b -Timeout 5)
        $got.ForEach{ $_.GetType().Name } | Should -Be SafeFileHandle, StreamSocket, SocketListener, SafeFileHandle, SafeFileHandle
        'through' | Send-SocketData $got[1]
        ($d | Receive-SocketData -Timeout 5).Text | Should -Be through
        $got[2].LocalPath | Should -Be "$folder/l"
        $got[2].Kind | Should -Be Seqpacket
        $stream = [System.IO.FileStream]::new($got[0], 'Read')
        [System.IO.StreamReader]::new($stream).ReadToEnd().Trim() | Should -Be 'the content'
        $stream.Dispose()
        $got[3, 4].ForEach{ $_.Dispose() }
        $file.Dispose()
        $pipe.Dispose()
        Close-Socket $a, $b, $c, $d, $listener, $got[1], $got[2]
    }

    It 'refuses what has no descriptor and sends the rest' {
        $a, $b = New-UnixSocketPair
        'text', $a, 7 | Send-SocketHandle $a -ErrorAction SilentlyContinue -ErrorVariable failures
        $failures.Count | Should -Be 2
        $failures.FullyQualifiedErrorId | Should -BeLike 'NotASocket,*'
        $failures[0].TargetObject | Should -Be text
        $got = @(Receive-SocketHandle $b -Timeout 5)
        $got.Count | Should -Be 1
        Close-Socket $a, $b, $got[0]
    }

    It 'says that a file is closed, not the socket' {
        $a, $b = New-UnixSocketPair
        $file = [System.IO.File]::OpenRead((Get-TestManifest))
        $file.Dispose()
        { Send-SocketHandle $a $file -ErrorAction Stop } | Should -Throw 'The file is closed*'
        Close-Socket $a, $b
    }

    It 'says EOPNOTSUPP of a TCP socket' {
        $connection = New-TestConnection
        $connection.Server | Send-SocketHandle $connection.Client -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'EOPNOTSUPP,*'
        $failure[0].Exception.Message | Should -BeLike '*Unix*'
        Close-Socket $connection.Client, $connection.Server
    }
}
