BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-Module (Join-Path $PSScriptRoot 'SocketTest.psm1')
    Import-TestModule
}

Describe 'Send-SocketData' {
    BeforeEach {
        $folder = New-TestFolder
        $a, $b = New-UnixSocketPair Seqpacket
    }
    AfterEach {
        Close-Socket $a, $b
        Remove-Item $folder -Recurse -Force
    }

    It 'sends <What> as <Expected> message(s)' -ForEach @(
        @{ What = 'text'; Data = { , 'abc' }; Expected = 1; Bytes = 97, 98, 99 }
        @{ What = 'byte[]'; Data = { , [byte[]](1, 2, 3) }; Expected = 1; Bytes = 1, 2, 3 }
        @{ What = 'a byte'; Data = { , [byte]7 }; Expected = 1; Bytes = @(7) }
        @{ What = 'ReadOnlyMemory'; Data = { , [ReadOnlyMemory[byte]]::new([byte[]](4, 5)) }; Expected = 1; Bytes = 4, 5 }
        @{ What = 'an array'; Data = { , @('a', [byte[]](98), [byte]99) }; Expected = 3; Bytes = @(97) }
    ) {
        $item = & $Data
        Send-SocketData $a -InputObject $item
        Close-Socket $a
        $messages = @($b | Receive-SocketData -ToEnd -Timeout 5)
        $messages.Count | Should -Be $Expected
        $messages[0].Data | Should -Be $Bytes
    }

    It 'takes the socket and what is sent by position' {
        Send-SocketData $a 'hello'
        ($b | Receive-SocketData -Timeout 5).Text | Should -Be hello
    }

    It 'gathers the bytes that are piped to a stream, and keeps them in order with what else comes' {
        $one, $other = New-UnixSocketPair Stream
        $bytes = [byte[]]::new(70001)
        [System.Random]::new(1).NextBytes($bytes)
        $manifest = Get-TestManifest
        $sending = Start-ThreadJob {
            Import-Module $using:manifest
            $data = $using:bytes
            $data[0..66999], 'text', $data[67000..70000] | ForEach-Object { $_ } | Send-SocketData $using:one -Timeout 20
        }
        $all = $other | Receive-SocketData -ByteCount 70005 -Timeout 20
        $expected = $bytes[0..66999] + [System.Text.Encoding]::ASCII.GetBytes('text') + $bytes[67000..70000]
        [System.Linq.Enumerable]::SequenceEqual([byte[]]$all.Data, [byte[]]$expected) | Should -BeTrue
        $sending | Wait-Job -Timeout 20 | Receive-Job | Should -BeNullOrEmpty
        $sending | Remove-Job -Force
        Close-Socket $one, $other
    }

    It 'leaves no hole where the time was over in the middle of <What>, and tells what went of all' -ForEach @(
        @{ What = 'piped bytes'; Pipe = $true }
        @{ What = 'an array'; Pipe = $false }
    ) {
        $one, $other = New-UnixSocketPair Stream
        $bytes = [byte[]]::new(700000)
        [System.Random]::new(1).NextBytes($bytes)
        $quiet = @{ Timeout = '50ms'; ErrorVariable = 'late'; ErrorAction = 'SilentlyContinue' }
        if ($Pipe) {
            $handedOn = @($bytes | Send-SocketData $one -PassThru @quiet)
        } else {
            $chunks = [object[]](0..69 | ForEach-Object { , [byte[]]$bytes[($_ * 10000)..($_ * 10000 + 9999)] })
            Send-SocketData $one -InputObject $chunks @quiet
        }
        $late.Count | Should -Be 1
        $sent = $one.BytesSent
        $sent | Should -BeGreaterThan 10000
        $late[0].Exception.BytesSent | Should -Be $sent
        "$($late[0])" | Should -BeLike "* $sent of *"
        if ($Pipe) {
            $handedOn.Count | Should -BeLessOrEqual $sent
        } else {
            $late[0].Exception.Length | Should -Be 700000
        }
        $one.Dispose()
        $got = ($other | Receive-SocketData -ByteCount 700000 -Timeout 20).Data
        [System.Linq.Enumerable]::SequenceEqual([byte[]]$got, [byte[]]$bytes[0..($sent - 1)]) | Should -BeTrue
        $other | Close-Socket
    }

    It 'warns once that bytes piped to a message socket are a message each' {
        [byte[]](1, 2, 3) | Send-SocketData $a -WarningVariable warnings -WarningAction SilentlyContinue
        "$warnings" | Should -BeLike '*, $bytes*'
        $warnings.Count | Should -Be 1
        ($b | Receive-SocketData -Count 3 -Timeout 5).Data | Should -Be 1, 2, 3
    }

    Context 'Files' {
        BeforeEach {
            $file = Join-Path $folder 'file [1].bin'
            $content = [byte[]]::new(3000001)
            [System.Random]::new(1).NextBytes($content)
            [System.IO.File]::WriteAllBytes($file, $content)
            $listener = New-TcpSocketListener 0 127.0.0.1 -AllowHalfOpen
            # Receives to the end, and answers with length and hash.
            $job = $listener | Start-SocketServer {
                param($socket)
                $stream = [System.IO.MemoryStream]::new()
                $socket | Receive-SocketData -ToEnd | ForEach-Object { $stream.Write($_.Data, 0, $_.Length) }
                $stream.Position = 0
                "$($stream.Length) $((Get-FileHash -InputStream $stream).Hash)`n" | Send-SocketData $socket
            }
            $client = Connect-TcpSocket 127.0.0.1 $listener.LocalPort -AllowHalfOpen

            function Get-Answer {
                $client | Disconnect-Socket
                ($client | Receive-SocketData -Line -Timeout 60).Text
            }
            function Get-Expected([byte[]]$Bytes) {
                "$($Bytes.Length) $((Get-FileHash -InputStream ([System.IO.MemoryStream]::new($Bytes))).Hash)"
            }
        }
        AfterEach {
            $client | Close-Socket
            $job | Remove-Job -Force
        }

        It 'sends a file by <Name>' -ForEach @(
            @{ Name = '-LiteralPath'; Send = { Send-SocketData $client -LiteralPath $file } }
            @{ Name = '-Path with wildcards'; Send = { Send-SocketData $client -Path (Join-Path $folder 'fi*.bin') } }
            @{ Name = 'pipeline'; Send = { Get-Item -LiteralPath $file | Send-SocketData $client } }
        ) {
            & $Send
            $client.BytesSent | Should -Be 3000001
            Get-Answer | Should -Be (Get-Expected $content)
        }

        It 'sends a part of it with -Offset and -Count' {
            Send-SocketData $client -LiteralPath $file -Offset 1000 -Count 2000000 -PassThru | Should -BeOfType System.IO.FileInfo
            Get-Answer | Should -Be (Get-Expected ([System.ArraySegment[byte]]::new($content, 1000, 2000000).ToArray()))
        }

        It 'sends what lies beyond 2 GiB of a file, to <Name>' -ForEach @(
            @{ Name = 'a stream'; Message = $false }
            @{ Name = 'a message socket'; Message = $true }
        ) {
            $large = Join-Path $folder large
            $sparse = [System.IO.File]::Create($large)
            $sparse.SetLength(5GB)
            $sparse.Position = 3GB + 10
            $sparse.Write([byte[]](1..20))
            $sparse.Dispose()
            $socket = if ($Message) { $a } else { $client }
            Send-SocketData $socket -LiteralPath $large -Offset (3GB + 10) -Count 20
            if ($Message) {
                ($b | Receive-SocketData -Timeout 5).Data | Should -Be (1..20)
            } else {
                Get-Answer | Should -Be (Get-Expected ([byte[]](1..20)))
            }
            Send-SocketData $socket -LiteralPath $large -Offset 3GB -Count 3000000000 -ErrorAction SilentlyContinue -ErrorVariable failure
            $failure[0].FullyQualifiedErrorId | Should -BeLike 'EINVAL,*'
            $failure[0].Exception.Message | Should -BeLike '-Offset 3221225472 and -Count 3000000000 do not fit 5368709120 bytes: the accepted range*'
        }

        It 'sends files of procfs, which tell no size' {
            if (-not $IsLinux) {
                Set-ItResult -Skipped -Because 'there is no procfs'
            }
            Send-SocketData $client -Path /proc/version
            Get-Answer | Should -Be (Get-Expected ([System.IO.File]::ReadAllBytes('/proc/version')))
            $before = [GC]::GetTotalAllocatedBytes()
            Send-SocketData $a -Path /proc/version
            ($b | Receive-SocketData -Timeout 5).Text | Should -Be ([System.IO.File]::ReadAllText('/proc/version'))
            [GC]::GetTotalAllocatedBytes() - $before | Should -BeLessThan 100MB
        }

        It 'sends under TLS' {
            Import-Module (Join-Path $PSScriptRoot 'StreamTest.psm1')
            $certificate = New-TestCertificate
            $secure = New-TcpSocketListener 0 127.0.0.1 -AllowHalfOpen | Start-SocketServer {
                param($socket)
                $null = $socket | Protect-Socket -AsServer -Certificate $using:certificate -Timeout 20
                ($socket | Receive-SocketData -ByteCount 3000001).Length
            }
            $tls = Connect-TcpSocket 127.0.0.1 $secure.Listener[0].LocalPort | Protect-Socket -SkipCertificateCheck -Timeout 20
            Send-SocketData $tls -LiteralPath $file -Timeout 20
            Wait-Until { $secure.Output.Count }
            $secure | Receive-Job | Should -Be 3000001
            $tls | Close-Socket
            $secure | Remove-Job -Force
        }

        It 'is one message on a message socket' {
            Set-Content (Join-Path $folder small) 'small' -NoNewline
            Send-SocketData $a -Path (Join-Path $folder small)
            ($b | Receive-SocketData -Timeout 5).Text | Should -Be small
        }

        It 'is one message to the receiver of <Name>' -ForEach @(
            @{ Name = '-Path and -To'; Send = { Send-SocketData $origin -Path "$folder/smal*" -To "$folder/receiver" } }
            @{ Name = '-LiteralPath and -To'; Send = { Send-SocketData $origin -LiteralPath "$folder/small" -To "$folder/receiver" } }
            @{ Name = 'a pipeline and -To'; Send = { Get-Item "$folder/small" | Send-SocketData $origin -To "$folder/receiver" } }
            @{ Name = '-Path and -ToAbstractName'; Abstract = $true; Send = { Send-SocketData $origin -Path "$folder/small" -ToAbstractName "file-$PID" } }
            @{ Name = '-LiteralPath and -ToAbstractName'; Abstract = $true; Send = { Send-SocketData $origin -LiteralPath "$folder/small" -ToAbstractName "file-$PID" } }
        ) {
            if ($Abstract) {
                Skip-WithoutLinux
            }
            Set-Content "$folder/small" 'small' -NoNewline
            $receiver = if ($Abstract) { New-UnixDatagramSocket -AbstractName "file-$PID" } else { New-UnixDatagramSocket "$folder/receiver" }
            $origin = New-UnixDatagramSocket
            & $Send
            ($receiver | Receive-SocketData -Timeout 5).Text | Should -Be small
            Close-Socket $receiver, $origin
        }

        It 'refuses a receiver where the peer is the only one: <Name>' -ForEach @(
            @{ Name = 'a stream, -Path'; Send = { Send-SocketData $client -Path "$folder/small" -To "$folder/x" @quiet } }
            @{ Name = 'a stream, -LiteralPath'; Send = { Send-SocketData $client -LiteralPath "$folder/small" -To "$folder/x" @quiet } }
            @{ Name = 'a stream, a pipeline'; Send = { Get-Item "$folder/small" | Send-SocketData $client -To "$folder/x" @quiet } }
            @{ Name = 'seqpacket'; Send = { Send-SocketData $a -Path "$folder/small" -To "$folder/x" @quiet } }
        ) {
            Set-Content "$folder/small" 'small' -NoNewline
            $quiet = @{ ErrorAction = 'SilentlyContinue'; ErrorVariable = 'failure' }
            . $Send
            $failure[0].FullyQualifiedErrorId | Should -BeLike 'EISCONN,*'
            $client.BytesSent | Should -Be 0
        }

        It 'says what is wrong with a file' {
            Send-SocketData $client -Path (Join-Path $folder none) -ErrorVariable missing -ErrorAction SilentlyContinue
            $missing[0].FullyQualifiedErrorId | Should -BeLike 'ENOENT,*'
            Send-SocketData $client -LiteralPath (Join-Path $folder none) -ErrorVariable missing -ErrorAction SilentlyContinue
            $missing[0].FullyQualifiedErrorId | Should -BeLike 'ENOENT,*'
            Send-SocketData $client -LiteralPath $file -Offset 4000000 -ErrorVariable beyond -ErrorAction SilentlyContinue
            "$beyond" | Should -BeLike '*0 to 3000001*'
            Send-SocketData $client -LiteralPath $folder -ErrorVariable folders -ErrorAction SilentlyContinue
            $folders[0].FullyQualifiedErrorId | Should -BeLike 'EISDIR,*'
        }

        It 'does not wait for who writes to a FIFO, nor to what leads to one' {
            $fifo = Join-Path $folder fifo
            mkfifo $fifo
            $link = New-Item (Join-Path $folder link) -ItemType SymbolicLink -Target $fifo
            foreach ($path in $fifo, $link.FullName) {
                $sending = Start-TestPipeline { param($socket, $path) Send-SocketData $socket -Path $path } $client, $path
                $result = Wait-TestPipeline $sending
                "$($result.Errors)" | Should -BeLike '*pipe its content*'
            }
        }

        It 'says how much of a file went when the time is over' {
            $full = New-TcpSocketListener 0 127.0.0.1
            $stuck = Connect-TcpSocket 127.0.0.1 $full.LocalPort
            $large = Join-Path $folder large
            [System.IO.File]::WriteAllBytes($large, [byte[]]::new(30MB))
            Send-SocketData $stuck -Path $large -Timeout 0.3 -ErrorVariable late -ErrorAction SilentlyContinue
            $late[0].FullyQualifiedErrorId | Should -BeLike 'Timeout,*'
            $late[0].Exception.BytesSent | Should -Be $stuck.BytesSent
            $stuck.BytesSent | Should -BeGreaterThan 0
            $stuck, $full | Close-Socket
        }
    }

    It 'sends what comes by pipeline as it arrives' {
        1..3 | ForEach-Object { $_; if ($_ -gt 1) { ($b | Receive-SocketData -Timeout 5).Text | Should -Be ($_ - 1) } } |
            Send-SocketData $a
        ($b | Receive-SocketData -Timeout 5).Text | Should -Be 3
    }

    It 'sends a batch of 1,000 in order, with a long message among them' {
        $items = [object[]](1..1000)
        $items[500] = 'x' * 100000
        $origin = Start-TestPipeline { param($s, $items) Send-SocketData $s -InputObject $items } $a, $items
        $messages = $b | Receive-SocketData -Count 1000 -Timeout 20
        (Wait-TestPipeline $origin).Errors | Should -BeNullOrEmpty
        ($messages.Text -join ' ') | Should -BeExactly ($items -join ' ')
    }

    It 'sends what is in <What> as messages each' -ForEach @(
        @{ What = 'a List[object]'; Items = [System.Collections.Generic.List[object]]@('a', 'b') }
        @{ What = 'an ArrayList'; Items = [System.Collections.ArrayList]@('a', 'b') }
        @{ What = 'an int[]'; Items = [int[]](1, 2) }
    ) {
        Send-SocketData $a -InputObject $Items
        ($b | Receive-SocketData -Count 2 -Timeout 5).Text | Should -Be @($Items)
    }

    It 'goes on after <What> in a batch, and names it' -ForEach @(
        @{ What = 'what cannot be sent'; Item = { Get-Date }; Arguments = @{ }; Id = 'EINVAL' }
        @{ What = 'null'; Item = { }; Arguments = @{ }; Id = 'EINVAL' }
        @{ What = 'what is too short for -Offset'; Item = { 'x' }; Arguments = @{ Offset = 2 }; Id = 'EINVAL' }
        @{ What = 'what is too long'; Item = { 'x' * 1MB }; Arguments = @{ }; Id = 'EMSGSIZE' }
    ) {
        $item = & $Item
        Send-SocketData $a -InputObject 'one', $item, 'two' @Arguments -ErrorAction SilentlyContinue -ErrorVariable failure
        $offset = $Arguments['Offset'] ?? 0
        ($b | Receive-SocketData -Count 2 -Timeout 5).Text | Should -Be 'one'.Substring($offset), 'two'.Substring($offset)
        $failure.Count | Should -Be 1
        $failure[0].FullyQualifiedErrorId | Should -BeLike "$Id,*"
        $failure[0].TargetObject | Should -Be $item
    }

    It 'sends each message of an array back to where it came from' {
        $c, $d = New-UnixSocketPair
        'one' | Send-SocketData $a
        'two' | Send-SocketData $c
        $messages = $b, $d | Receive-SocketData -Count 2 -Timeout 5
        Send-SocketData -InputObject $messages
        ($a | Receive-SocketData -Timeout 5).Text | Should -Be one
        ($c | Receive-SocketData -Timeout 5).Text | Should -Be two
        Close-Socket $c, $d
    }

    It 'knows the encoding <Name>, as other cmdlets do' -ForEach @(
        @{ Name = 'ansi' }, @{ Name = 'oem' }, @{ Name = 'bigendianutf32' }, @{ Name = 'utf8NoBOM' }
    ) {
        'a' | Send-SocketData $a -Encoding $Name
        ($b | Receive-SocketData -Timeout 5 -Encoding $Name).Text | Should -Be a
    }

    It 'says what to do when nobody is there' {
        $origin = New-UnixDatagramSocket
        'x' | Send-SocketData $origin -To "$folder/none" -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ENOENT,*'
        $failure[0].Exception.Message | Should -BeLike '*receiver running*'
        if ($IsLinux) {
            'x' | Send-SocketData $origin -ToAbstractName "none-$PID" -ErrorAction SilentlyContinue -ErrorVariable failure
            $failure[0].FullyQualifiedErrorId | Should -BeLike 'ECONNREFUSED,*'
            $failure[0].Exception.Message | Should -Not -BeLike '*file*'
        }
        Close-Socket $origin
    }

    It 'sends a part of the bytes by -Offset and -Count' {
        'hello world' | Send-SocketData $a -Offset 6
        'hello world' | Send-SocketData $a -Offset 3 -Count 5
        'hello world' | Send-SocketData $a -Count 0
        ($b | Receive-SocketData -Count 3).Text | Should -Be 'world', 'lo wo', ''
        $receiver = New-UnixDatagramSocket "$folder/receiver"
        $origin = New-UnixDatagramSocket
        Send-SocketData $origin -InputObject ([byte[]](1..9)) -To "$folder/receiver" -Offset 2 -Count 3
        ($receiver | Receive-SocketData -Timeout 5).Data | Should -Be 3, 4, 5
        Close-Socket $receiver, $origin
        'abc' | Send-SocketData $a -Offset 2 -Count 2 -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'EINVAL,*'
        $failure[0].Exception.Message | Should -BeLike '*accepted range*'
        $failure[0].TargetObject | Should -Be abc
        foreach ($beyond in @{ Offset = 3GB }, @{ Count = 3000000000 }) {
            'abc' | Send-SocketData $a @beyond -ErrorAction SilentlyContinue -ErrorVariable failure
            $failure[0].FullyQualifiedErrorId | Should -BeLike 'EINVAL,*'
            $failure[0].Exception.Message | Should -BeLike '*do* not fit 3 bytes*accepted range*'
        }
    }

    It 'says what it accepts, and by which encoding' {
        { Send-SocketData $a $null -ErrorAction Stop } | Should -Throw 'null cannot be sent. Accepted are *'
        { Send-SocketData $a '%' -Encoding base64 -ErrorAction Stop } | Should -Throw '*-Encoding base64*'
    }

    It 'goes to one receiver: -To and -ToAbstractName exclude each other' {
        { Send-SocketData $a 'x' -To "$folder/x" -ToAbstractName x } | Should -Throw '*-To and -ToAbstractName*' -ErrorId 'EINVAL,*'
    }

    It 'hands the input on with -PassThru' {
        'x', 'y' | Send-SocketData $a -PassThru | Should -Be x, y
    }

    It 'sends a received message back to where it came from' {
        $server = New-UnixDatagramSocket "$folder/server"
        $clients = 1..3 | ForEach-Object { New-UnixDatagramSocket "$folder/c$_" }
        foreach ($client in $clients) {
            'ping' | Send-SocketData $client -To "$folder/server"
        }
        $server | Receive-SocketData -Count 3 -Timeout 5 | Send-SocketData
        foreach ($client in $clients) {
            ($client | Receive-SocketData -Timeout 5).RemotePath | Should -Be "$folder/server"
        }
        $unnamed = New-UnixDatagramSocket -ConnectTo "$folder/server"
        'ping' | Send-SocketData $unnamed
        $server | Receive-SocketData -Timeout 5 | Send-SocketData -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'EDESTADDRREQ,*'
        $failure[0].Exception.Message | Should -BeLike '*no name*'
        Close-Socket $server, $unnamed
        $clients | Close-Socket
    }

    It 'is an echo service in one line' {
        $pairs = foreach ($i in 1..3) {
            , @(New-UnixSocketPair)
        }
        $echo = Start-TestPipeline { param($sockets) $sockets | Receive-SocketData -ToEnd | Send-SocketData } (, $pairs.ForEach{ $_[1] })
        foreach ($round in 1..3) {
            foreach ($pair in $pairs) {
                "hello $round" | Send-SocketData $pair[0]
                ($pair[0] | Receive-SocketData -Timeout 5).Text | Should -Be "hello $round"
            }
        }
        $pairs.ForEach{ $_[0] } | Close-Socket
        (Wait-TestPipeline $echo).Errors | Should -BeNullOrEmpty
    }

    It 'reaches a datagram server of <Peer>' -ForEach @(
        @{ Peer = 'socat'; Tool = 'socat' }
        @{ Peer = 'Python'; Tool = 'python3' }
    ) {
        Skip-WithoutTool $Tool
        $server = if ($Peer -eq 'socat') {
            Start-TestProcess socat '-u', "UNIX-RECVFROM:$folder/peer", 'STDOUT'
        } else {
            Start-Python 'import socket,sys; s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM); s.bind(sys.argv[1]); print("ready"); d,a=s.recvfrom(999); print(d.decode()); s.sendto(b"pong "+a.encode(),a)' "$folder/peer"
        }
        try {
            Wait-Until { Test-Path "$folder/peer" } 'the peer'
            $mine = New-UnixDatagramSocket "$folder/mine"
            'to a peer' | Send-SocketData $mine -To "$folder/peer"
            $server.StandardOutput.ReadLine() | Should -Be 'to a peer'
            if ($Peer -eq 'Python') {
                ($mine | Receive-SocketData -Timeout 5).Text | Should -Be "pong $folder/mine"
            }
            Close-Socket $mine
        } finally {
            Stop-TestProcess $server
        }
    }

    It 'answers a datagram of socat, with a name and without' {
        Skip-WithoutTool socat
        $mine = New-UnixDatagramSocket "$folder/mine"
        $answer = { param($s) $s | Receive-SocketData -Timeout 20 | Send-SocketData }
        $server = Start-TestPipeline $answer $mine
        ('from socat' | socat -t 5 - "UNIX-SENDTO:$folder/mine,bind=$folder/socat" 2>&1) | Should -Be 'from socat'
        (Wait-TestPipeline $server).Errors | Should -BeNullOrEmpty
        'unnamed' | socat -u - "UNIX-SENDTO:$folder/mine"
        $message = $mine | Receive-SocketData -Timeout 5
        $message.Text.Trim() | Should -Be unnamed
        $message.RemotePath | Should -BeNullOrEmpty
        Close-Socket $mine
    }

    It 'writes to a real syslog daemon' {
        Skip-WithoutTool rsyslogd
        Skip-WithoutLinux
        "module(load=`"imuxsock`" SysSock.Use=`"off`")`ninput(type=`"imuxsock`" Socket=`"$folder/log`" CreatePath=`"on`" RateLimit.Interval=`"0`")`naction(type=`"omfile`" file=`"$folder/out`")" |
            Set-Content "$folder/rsyslog.conf"
        $daemon = Start-TestProcess rsyslogd '-n', '-f', "$folder/rsyslog.conf", '-i', "$folder/pid"
        try {
            Wait-Until { Test-Path "$folder/log" } 'rsyslogd'
            $log = New-UnixDatagramSocket -ConnectTo "$folder/log"
            "<13>$((Get-Date).ToString('MMM dd HH:mm:ss', [cultureinfo]::InvariantCulture)) nka[$PID]: hello syslog" | Send-SocketData $log
            Wait-Until { (Test-Path "$folder/out") -and (Get-Content "$folder/out") -match "nka\[$PID\]: hello syslog" } 'the line in the log'
            Close-Socket $log
        } finally {
            Stop-TestProcess $daemon
        }
    }

    It 'waits for a full queue without using the processor, serves others, and goes on when there is room' {
        Skip-WithoutLinux
        $slow = New-UnixDatagramSocket "$folder/slow"
        $quick = New-UnixDatagramSocket "$folder/quick"
        $origin = New-UnixDatagramSocket
        $sent = 0
        while ($true) {
            "m$sent" | Send-SocketData $origin -To "$folder/slow" -Timeout 0 -ErrorAction SilentlyContinue -ErrorVariable failure
            if ($failure) {
                break
            }
            $sent++
        }
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'Timeout,*'
        $failure[0].TargetObject | Should -Be "m$sent"
        $waiting = Start-TestPipeline { param($s, $to) 'waited' | Send-SocketData $s -To $to } $origin, "$folder/slow"
        Start-Sleep -Milliseconds 300
        'ok' | Send-SocketData $origin -To "$folder/quick" -Timeout 1 -ErrorAction Stop
        ($quick | Receive-SocketData -Timeout 5).Text | Should -Be ok
        # All pipelines but the test's own, in hundredths of a second; what another test left behind may still end.
        $own = Split-Path (Get-Item /proc/thread-self).LinkTarget -Leaf
        Wait-Until {
            $before = Get-PipelineTime
            Start-Sleep -Milliseconds 800
            $after = Get-PipelineTime
            $before.ContainsKey($own) -and $before.Count -gt 1 | Should -BeTrue -Because 'both have a thread'
            $used = $after.Keys | Where-Object { $_ -ne $own -and $before.ContainsKey($_) } | ForEach-Object { $after[$_] - $before[$_] }
            ($used | Measure-Object -Sum).Sum -le 1
        } 'a time in which who waits uses no processor' 20
        $waiting.Handle.IsCompleted | Should -BeFalse
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        'x' | Send-SocketData $origin -To "$folder/slow" -Timeout 0.2 -ErrorAction SilentlyContinue -ErrorVariable failure
        $clock.Elapsed.TotalSeconds | Should -BeGreaterOrEqual 0.19
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'Timeout,*'
        $messages = $slow | Receive-SocketData -Count ($sent + 1) -Timeout 10
        $messages.Text | Should -Be (@(0..($sent - 1)).ForEach{ "m$_" } + 'waited')
        (Wait-TestPipeline $waiting).Errors | Should -BeNullOrEmpty
        Close-Socket $slow, $quick, $origin
    }

    It 'ends within 200 ms by Ctrl+C while <What> is full' -ForEach @(
        @{ What = 'the queue of a datagram receiver' }
        @{ What = 'a connection' }
    ) {
        Skip-WithoutLinux
        if ($What -eq 'a connection') {
            $script = { param($s) 1..100000 | Send-SocketData $s }
            Measure-TestStop $script $a | Should -BeLessThan 200
        } else {
            $receiver = New-UnixDatagramSocket "$folder/full"
            $origin = New-UnixDatagramSocket
            $script = { param($s, $to) 1..100000 | Send-SocketData $s -To $to }
            Measure-TestStop $script $origin, "$folder/full" | Should -BeLessThan 200
            Close-Socket $receiver, $origin
        }
    }

    It 'ends its wait with an error when another runspace closes the socket' {
        $waiting = Start-TestPipeline { param($s) Send-SocketData $s -InputObject ([object[]](1..100000)) } $a
        Start-Sleep -Milliseconds 500
        $waiting.Handle.IsCompleted | Should -BeFalse
        Close-Socket $a
        (Wait-TestPipeline $waiting).Errors[0].FullyQualifiedErrorId | Should -BeLike 'EBADF,*'
    }

    It 'says <Id> of <What>' -ForEach @(
        @{ Id = 'ECONNREFUSED'; Category = 'ConnectionError'; What = 'a socket file that nobody serves' }
        @{ Id = 'ENOENT'; Category = 'ResourceUnavailable'; What = 'a path with nothing there' }
        @{ Id = 'EPROTOTYPE'; Category = 'InvalidArgument'; What = 'a listener' }
        @{ Id = 'PathTooLong'; Category = 'InvalidArgument'; What = 'a path of 108 bytes' }
        @{ Id = 'EMSGSIZE'; Category = 'InvalidArgument'; What = 'a message too large' }
        @{ Id = 'ENOTCONN'; Category = 'ConnectionError'; What = 'no destination' }
        @{ Id = 'EPIPE'; Category = 'ConnectionError'; What = 'a peer that is gone' }
        @{ Id = 'EISCONN'; Category = 'ResourceExists'; What = 'an address on a connection' }
        @{ Id = 'EINVAL'; Category = 'InvalidArgument'; What = 'what cannot be sent' }
        @{ Id = 'EINVAL'; Category = 'InvalidArgument'; What = 'no socket' }
    ) {
        Skip-WithoutLinux
        $origin = New-UnixDatagramSocket
        $listener = New-SeqpacketListener "$folder/listener"
        Invoke-Python 'import socket,sys; socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM).bind(sys.argv[1])' "$folder/dead"
        $parameters = switch ($What) {
            'a socket file that nobody serves' { @{ Socket = $origin; To = "$folder/dead" } }
            'a path with nothing there' { @{ Socket = $origin; To = "$folder/none" } }
            'a listener' { @{ Socket = $origin; To = "$folder/listener" } }
            'a path of 108 bytes' { @{ Socket = $origin; To = '/' + 'x' * 107 } }
            'a message too large' { @{ Socket = $a } }
            'no destination' { @{ Socket = $origin } }
            'a peer that is gone' { Close-Socket $b; @{ Socket = $a } }
            'an address on a connection' { @{ Socket = $a; To = "$folder/x" } }
            'what cannot be sent' { @{ Socket = $a } }
            'no socket' { @{ } }
        }
        $data = switch ($What) {
            'a message too large' { , [byte[]]::new(10MB) }
            'what cannot be sent' { @{ } }
            default { 'x' }
        }
        Send-SocketData @parameters -InputObject $data -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure.Count | Should -Be 1
        $failure[0].FullyQualifiedErrorId | Should -BeLike "$Id,*"
        $failure[0].CategoryInfo.Category | Should -Be $Category
        Close-Socket $origin, $listener
    }

    It 'closes a connection on which it failed' {
        $listener = New-TcpSocketListener 0 127.0.0.1
        $client = Connect-TcpSocket 127.0.0.1 $listener.LocalPort
        try {
            $listener | Receive-SocketConnection -Timeout 10 | Close-Socket -Reset
            Wait-Until { 'text' | Send-SocketData $client -ErrorAction SilentlyContinue -ErrorVariable script:failure; $script:failure } 'the reset'
            $failure[0].FullyQualifiedErrorId | Should -Match '^(ECONNRESET|EPIPE),'
            $client.State | Should -Be Closed
            $client.IsClosed | Should -BeTrue
        } finally {
            $client, $listener | Close-Socket
        }
    }

    It 'goes on with the rest after a message that fails' {
        'a', [byte[]]::new(10MB), 'b' | ForEach-Object { , $_ } | Send-SocketData $a -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure.Count | Should -Be 1
        ($b | Receive-SocketData -Count 2).Text | Should -Be a, b
    }
}
