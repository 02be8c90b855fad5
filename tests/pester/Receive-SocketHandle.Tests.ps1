BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-Module (Join-Path $PSScriptRoot 'SocketTest.psm1')
    Import-TestModule
}

Describe 'Receive-SocketHandle' {
    BeforeEach {
        $folder = New-TestFolder
        $a, $b = New-UnixSocketPair
    }
    AfterEach {
        Close-Socket $a, $b
        Remove-Item $folder -Recurse -Force
    }

    It 'takes descriptors from Python, several at once' {
        Skip-WithoutTool python3
        $listener = New-SeqpacketListener "$folder/s"
        $client = Start-TestProcess python3 '-c', 'import socket,sys,os; s=socket.socket(socket.AF_UNIX,socket.SOCK_SEQPACKET); s.connect(sys.argv[1]); x,y=socket.socketpair(); r,w=os.pipe(); socket.send_fds(s,[b"hi"],[x.fileno(),r]); os.write(w,b"by pipe"); os.close(w); y.send(b"by socket"); s.recv(1)', "$folder/s"
        try {
            $server = $listener | Receive-SocketConnection -Timeout 10
            $socket, $pipe = Receive-SocketHandle $server -Timeout 10
            $socket | Should -BeOfType NetKeepAlive.StreamSocket
            $pipe | Should -BeOfType Microsoft.Win32.SafeHandles.SafeFileHandle
            ($socket | Receive-SocketData -Timeout 5).Text | Should -Be 'by socket'
            $stream = [System.IO.FileStream]::new($pipe, 'Read')
            [System.IO.StreamReader]::new($stream).ReadToEnd() | Should -Be 'by pipe'
            $stream.Dispose()
            Close-Socket $socket, $server
        } finally {
            Stop-TestProcess $client
            Close-Socket $listener
        }
    }

    It 'has them on the message too, with its bytes' {
        Skip-WithoutTool python3
        $listener = New-SeqpacketListener "$folder/s"
        Invoke-Python 'import socket,sys; s=socket.socket(socket.AF_UNIX,socket.SOCK_SEQPACKET); s.connect(sys.argv[1]); socket.send_fds(s,[b"words"],[0])' "$folder/s"
        $server = $listener | Receive-SocketConnection -Timeout 10
        $message = $server | Receive-SocketData -Timeout 5
        $message.Text | Should -Be words
        $message.Handles.Count | Should -Be 1
        $handle = $message.Handles[0]
        $message.Dispose()
        $handle.IsClosed | Should -BeTrue
        Close-Socket $server, $listener
    }

    It 'closes those that nobody takes' {
        Skip-WithoutLinux
        $a | Send-SocketHandle $a
        $null = Receive-SocketHandle $b | ForEach-Object { Close-Socket $_ }
        $before = Get-DescriptorCount
        foreach ($i in 1..20) {
            Send-SocketHandle $a -InputObject $a, $a, $a
        }
        # In a runspace of its own, so that nothing of this one holds on to the last messages.
        $null = Wait-TestPipeline (Start-TestPipeline { param($s) $s | Receive-SocketData -Count 20 | Out-Null } $b)
        Wait-Until {
            [GC]::Collect()
            [GC]::WaitForPendingFinalizers()
            (Get-DescriptorCount) -le ($before + 10)
        } 'the descriptors that nobody took to be closed'
        Send-SocketHandle $a -InputObject $a, $a, $a, $a
        $inode = Get-ItemPropertyValue "/proc/$PID/fd/$($a.Socket.Handle)" Target
        $first = Receive-SocketHandle $b | Select-Object -First 1
        # The socket that was sent has two descriptors here: its own and the one that was taken.
        @(Get-ChildItem "/proc/$PID/fd" -ErrorAction Ignore | Where-Object Target -EQ $inode) | Should -HaveCount 2
        Close-Socket $first
    }

    It 'receives descriptors that no child inherits' {
        Skip-WithoutLinux
        $count = { @(sh -c 'ls /proc/self/fd').Count }
        $before = & $count
        Send-SocketHandle $a -InputObject $a, $b
        $got = @(Receive-SocketHandle $b)
        & $count | Should -Be $before
        $got | Close-Socket
    }

    It 'leaves a message without descriptors to Receive-SocketData' {
        'plain' | Send-SocketData $a
        Receive-SocketHandle $b -Timeout 5 -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'EPROTO,*'
        $failure[0].Exception.Message | Should -BeLike '*Receive-SocketData*'
        ($b | Receive-SocketData -Timeout 5).Text | Should -Be plain
    }

    It 'receives -Count descriptors, in however many messages they come' {
        $x, $y = New-UnixSocketPair
        $x, $y | Send-SocketHandle $a
        $x | Send-SocketHandle $a
        $got = @(Receive-SocketHandle $b -Count 3 -Timeout 5 -ErrorAction Stop)
        $got.Count | Should -Be 3
        Close-Socket (@($x, $y) + $got)
    }

    It 'leaves the bytes before them on a stream to Receive-SocketData' {
        $x, $y = New-UnixSocketPair Stream
        'before' | Send-SocketData $x
        $x | Send-SocketHandle $x
        'after' | Send-SocketData $x
        $got = Receive-SocketHandle $y -Timeout 5
        $got | Should -BeOfType NetKeepAlive.StreamSocket
        Close-Socket $got
        ($y | Receive-SocketData -ByteCount 11 -Timeout 5).Text | Should -Be beforeafter
        Close-Socket $x, $y
    }

    It 'says at once that a TCP connection carries none' {
        $connection = New-TestConnection
        Receive-SocketHandle $connection.Client -Timeout 5 -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'EOPNOTSUPP,*'
        Close-Socket $connection.Client, $connection.Server
    }

    It 'has an error with id Timeout when nothing comes, and ends by Ctrl+C' {
        Receive-SocketHandle $b -Timeout 0.1 -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'Timeout,*'
        Measure-TestStop { param($s) Receive-SocketHandle $s } $b | Should -BeLessThan 200
    }

    It 'is not silent when the process has no room for them' {
        Skip-WithoutLinux
        Skip-WithoutTool prlimit
        $script = @(
            "Import-Module '$(Get-TestManifest)'"
            '$a, $b = New-UnixSocketPair; Send-SocketHandle $a -InputObject (@($a) * 250)'
            '$highest = ([int[]](Get-ChildItem /proc/$PID/fd).Name | Measure-Object -Maximum).Maximum'
            'prlimit --pid $PID --nofile=$($highest + 30):'
            'Receive-SocketHandle $b -Timeout 5 -ErrorAction SilentlyContinue -ErrorVariable failure'
            '$failure[0].FullyQualifiedErrorId; @(Get-ChildItem /proc/$PID/fd).Count -le $highest + 20'
        ) -join '; '
        Invoke-TestPwsh -nop -c $script | Should -Be 'EMFILE,NetKeepAlive.PowerShell.Commands.ReceiveSocketHandle', 'True'
    }
}
