BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-Module (Join-Path $PSScriptRoot 'SocketTest.psm1')
    Import-TestModule
    # As Register-ObjectEvent does it: first the handler, then who is to have its events.
    Add-Type -TypeDefinition @'
        using System.Management.Automation;
        public class HandlerBeforeAction : PSEventHandler
        {
            public HandlerBeforeAction(PSEventManager events, object sender, string name) : base(events, sender, name, null) { }
            public void EventDelegate(object sender, object args) =>
                eventManager.GenerateEvent(sourceIdentifier, sender, new[] { sender, args }, extraData);
        }
'@
    function Add-HandlerBeforeAction($Socket, [string]$Source) {
        $type = $Socket.GetType().GetEvent('DataReceived').EventHandlerType
        $handler = [HandlerBeforeAction]::new([runspace]::DefaultRunspace.Events, $Socket, $Source)
        $Socket.add_DataReceived([HandlerBeforeAction].GetMethod('EventDelegate').CreateDelegate($type, $handler))
    }
}

Describe 'Receive-SocketData' {
    BeforeEach {
        $folder = New-TestFolder
        $a, $b = New-UnixSocketPair Seqpacket
    }
    AfterEach {
        Close-Socket $a, $b
        Remove-Item $folder -Recurse -Force
    }

    It 'receives what a peer had sent before it was closed with messages unread, and then the end' {
        Skip-WithoutLinux
        'unread' | Send-SocketData $b
        'one', 'two' | Send-SocketData $a
        Close-Socket $a
        $messages = $b | Receive-SocketData -ToEnd -Timeout 5 -ErrorAction SilentlyContinue -ErrorVariable failure
        $messages.Text | Should -Be one, two
        $failure.Count | Should -Be 0 -Because 'it was closed in order, which resets nothing'
    }

    It 'receives messages of every size whole, separate and in order' {
        $sizes = 0, 1, 64, 65535, 65536, 0, 200000
        $origin = Start-TestPipeline {
            param($socket, $sizes)
            foreach ($size in $sizes) {
                Send-SocketData $socket -InputObject ([byte[]]::new($size))
            }
        } $a, $sizes
        $messages = $b | Receive-SocketData -Count $sizes.Count -Timeout 20
        (Wait-TestPipeline $origin).Errors | Should -BeNullOrEmpty
        $messages.ForEach{ $_.Length } | Should -Be $sizes
        $messages.Truncated | Should -Not -Contain $true
        $messages.Sequence | Should -Be (1..7)
    }

    It 'receives datagrams of every size whole, one by one and in batches' {
        $receiver = New-UnixDatagramSocket "$folder/d"
        $origin = New-UnixDatagramSocket -ConnectTo "$folder/d"
        foreach ($size in 0, 1, 64, 65535, 65536, 200000) {
            $data = [byte[]]::new($size)
            [Random]::new($size).NextBytes($data)
            Send-SocketData $origin -InputObject $data
            Send-SocketData $origin -InputObject 'next'
            $message, $next = if ($size % 2) {
                $receiver | Receive-SocketData -Count 2 -Timeout 5
            } else {
                $receiver | Receive-SocketData -Timeout 5
                $receiver | Receive-SocketData -Timeout 5
            }
            [System.Linq.Enumerable]::SequenceEqual($message.Data, $data) | Should -BeTrue -Because "$size bytes"
            $next.Text | Should -Be next
        }
        Close-Socket $receiver, $origin
    }

    It 'cuts to -MaximumLength and says so' {
        'abcdef', 'xy', 'rest' | Send-SocketData $a
        $cut, $whole = $b | Receive-SocketData -Count 2 -MaximumLength 3
        $cut.Text | Should -Be abc
        $cut.Truncated | Should -BeTrue
        $cut.FullLength | Should -Be 6
        $cut.Length | Should -Be 3
        $whole.Text | Should -Be xy
        $whole.Truncated | Should -BeFalse
        ($b | Receive-SocketData -MaximumLength 2).FullLength | Should -Be 4
    }

    It 'tells an empty message from the end of the connection' {
        Send-SocketData $a -InputObject 'x', '', ''
        Close-Socket $a
        $messages = @($b | Receive-SocketData -ToEnd -Timeout 5)
        $messages.ForEach{ $_.Length } | Should -Be 1, 0, 0
        $b.State | Should -Be WriteOnly
        @($b | Receive-SocketData -Timeout 5 -ErrorAction Stop).Count | Should -Be 0 -Because 'at the end it emits nothing'
        @($b | Receive-SocketData -Count 3 -Timeout 5 -ErrorAction Stop).Count | Should -Be 0
    }

    It 'sees an empty message that was sent before it first looked' {
        Send-SocketData $a -InputObject ''
        ($b | Receive-SocketData -Timeout 5).Length | Should -Be 0
        $b.State | Should -Be Open
    }

    It 'has an error with id Timeout when nothing comes' {
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        $b | Receive-SocketData -Timeout 0.2 -ErrorAction SilentlyContinue -ErrorVariable failure
        $clock.Elapsed.TotalSeconds | Should -BeGreaterOrEqual 0.19
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'Timeout,*'
        $failure[0].CategoryInfo.Category | Should -Be OperationTimeout
        $failure[0].TargetObject | Should -Be $b
        'late' | Send-SocketData $a
        ($b | Receive-SocketData -Timeout 5).Text | Should -Be late
    }

    It 'waits for many at once: whichever is ready first' {
        $pairs = foreach ($i in 1..20) {
            , @(New-UnixSocketPair)
        }
        $receivers = $pairs.ForEach{ $_[1] }
        'seven' | Send-SocketData $pairs[7][0]
        $message = $receivers | Receive-SocketData -Timeout 5
        $message.Text | Should -Be seven
        $message.Socket | Should -Be $pairs[7][1]
        $waiting = Start-TestPipeline { param($sockets) $sockets | Receive-SocketData -Count 2 -Timeout 20 } (, $receivers)
        Start-Sleep -Milliseconds 200
        'three' | Send-SocketData $pairs[3][0]
        'eleven' | Send-SocketData $pairs[11][0]
        $result = Wait-TestPipeline $waiting
        $result.Errors | Should -BeNullOrEmpty
        $result.Output.Text | Sort-Object | Should -Be eleven, three -Because 'both may be there when the waiter looks'
        $pairs.ForEach{ $_ } | Close-Socket
    }

    It 'goes on with the others when one connection has failed or ended' {
        $c, $d = New-UnixSocketPair
        $e, $f = New-UnixSocketPair Stream
        # A Unix stream closed with unread data resets its peer.
        'unread' | Send-SocketData $f
        Close-Socket $e
        Close-Socket $c
        'alive' | Send-SocketData $a
        Close-Socket $a
        $messages = $d, $f, $b | Receive-SocketData -ToEnd -Timeout 5 -ErrorAction SilentlyContinue -ErrorVariable failures
        $messages.Text | Should -Be alive
        $failures.Count | Should -Be 1
        $failures[0].FullyQualifiedErrorId | Should -BeLike 'ECONNRESET,*'
        $failures[0].CategoryInfo.Category | Should -Be ConnectionError
        $failures[0].TargetObject | Should -Be $f
        Close-Socket $d, $f
    }

    It 'does not starve one socket by another that is busy' {
        $c, $d = New-UnixSocketPair
        1..50 | Send-SocketData $a
        'quiet' | Send-SocketData $c
        ($b, $d | Receive-SocketData -Count 4 -Timeout 5).Text | Should -Contain quiet
        Close-Socket $c, $d
    }

    It 'loses nothing when the pipeline ends early' {
        Send-SocketData $a -InputObject ([string[]](1..100))
        ($b | Receive-SocketData -ToEnd | Select-Object -First 3).Text | Should -Be 1, 2, 3
        ($b | Receive-SocketData -Timeout 5).Text | Should -Be 4
        ($b | Receive-SocketData -Count 96 -Timeout 5).Text | Should -Be (5..100)
    }

    It 'receives 100,000 messages through a pipeline, none lost, in order' {
        $origin = Start-TestPipeline { param($socket) 1..100000 | Send-SocketData $socket; Close-Socket $socket } $a
        $next = 1
        $wrong = 0
        $b | Receive-SocketData -ToEnd -Timeout 120 | ForEach-Object {
            if ($_.Text -ne $next -or $_.Sequence -ne $next) {
                $wrong++
            }
            $next++
        }
        $next | Should -Be 100001
        $wrong | Should -Be 0
        (Wait-TestPipeline $origin).Errors | Should -BeNullOrEmpty
    }

    It 'shows the sender: a path, an abstract name, or null' {
        Skip-WithoutLinux
        $receiver = New-UnixDatagramSocket "$folder/r"
        $named = New-UnixDatagramSocket "$folder/n"
        $abstract = New-UnixDatagramSocket -AbstractName "nka-$PID"
        $unnamed = New-UnixDatagramSocket
        foreach ($origin in $named, $unnamed, $abstract, $unnamed) {
            'x' | Send-SocketData $origin -To "$folder/r"
        }
        $messages = $receiver | Receive-SocketData -Count 4 -Timeout 5
        $messages[0].RemotePath | Should -Be "$folder/n"
        $messages[1].RemotePath | Should -BeNullOrEmpty
        $messages[2].RemotePath | Should -Be "@nka-$PID"
        $messages[3].RemotePath | Should -BeNullOrEmpty -Because 'never a stale one'
        Close-Socket $receiver, $named, $abstract, $unnamed
    }

    It 'has the credentials of each sender with -PassCredential' {
        Skip-WithoutLinux
        Skip-WithoutTool python3
        $receiver = New-UnixDatagramSocket "$folder/r" -PassCredential
        $process = Invoke-Python 'import socket,sys,os; s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM); s.sendto(b"hi",sys.argv[1]); print(os.getpid())' "$folder/r"
        $message = $receiver | Receive-SocketData -Timeout 5
        $message.Credential.OwningProcess | Should -Be $process
        $message.Credential.UserId | Should -Be (id -u)
        Close-Socket $receiver
    }

    It 'decodes by -Encoding: <Name>' -ForEach @(
        @{ Name = 'utf8'; Bytes = 0xc3, 0xa9; Text = [string][char]233 }
        @{ Name = 'ascii'; Bytes = , 0x41; Text = 'A' }
        @{ Name = 'latin1'; Bytes = , 0xe9; Text = [string][char]233 }
        @{ Name = 'base64'; Bytes = 1, 2, 3; Text = 'AQID' }
    ) {
        Send-SocketData $a -InputObject ([byte[]]$Bytes)
        ($b | Receive-SocketData -Encoding $Name).Text | Should -Be $Text
        $Text | Send-SocketData $a -Encoding $Name
        ($b | Receive-SocketData).Data | Should -Be $Bytes
    }

    It 'receives chunks of a stream, also of .NET''s own sockets' {
        $connection = New-TestConnection
        $null = $connection.Client.Send([System.Text.Encoding]::ASCII.GetBytes('hello'))
        ($connection.Server | Receive-SocketData -Timeout 5).Text | Should -Be hello
        'back' | Send-SocketData $connection.Server
        $connection.Server.Dispose()
        $client = [System.Net.Sockets.NetworkStream]::new($connection.Client)
        ($client | Receive-SocketData -ToEnd -Timeout 5).Text | Should -Be back
        $connection.Client.Dispose()
    }

    It 'ends within 200 ms by Ctrl+C: <Script>' -ForEach @(
        @{ Script = { param($s) $s | Receive-SocketData } }
        @{ Script = { param($s) $s | Receive-SocketData -ToEnd -Timeout 60 } }
    ) {
        $before = Get-DescriptorCount
        Measure-TestStop $Script $b | Should -BeLessThan 200
        [GC]::Collect()
        Get-DescriptorCount | Should -BeLessOrEqual ($before + 2)
        'still' | Send-SocketData $a
        ($b | Receive-SocketData -Timeout 5).Text | Should -Be still
    }

    It 'ends with an error when another runspace closes the socket' {
        $waiting = Start-TestPipeline { param($s) $s | Receive-SocketData } $b
        Start-Sleep -Milliseconds 300
        Close-Socket $b
        $result = Wait-TestPipeline $waiting
        $result.Errors[0].FullyQualifiedErrorId | Should -BeLike 'EBADF,*'
        $result.Errors[0].Exception.Message | Should -BeLike '*closed*'
    }

    It 'refuses what carries no data' {
        $listener = New-SeqpacketListener "$folder/l"
        'text', $listener, $null | Receive-SocketData -ErrorAction SilentlyContinue -ErrorVariable failures
        $failures.Count | Should -Be 3
        $failures.FullyQualifiedErrorId | Should -BeLike 'NotASocket,*'
        Close-Socket $listener
    }

    It 'raises events that Register-ObjectEvent delivers' {
        $got = [System.Collections.Concurrent.ConcurrentQueue[object]]::new()
        $names = 'DataReceived', 'Ended', 'Closed', 'IdleTimeout'
        $subscriptions = foreach ($name in $names) {
            Register-ObjectEvent $b $name -MessageData $got -Action {
                $Event.MessageData.Enqueue(@{ Name = $Event.EventIdentifier; Kind = $EventSubscriber.EventName; Message = $EventArgs })
            }
        }
        Set-SocketOption -IdleTimeout 0.2 -InputObject $b
        try {
            'one', 'two', '' | Send-SocketData $a
            Wait-Until { $got.Count -ge 3 } 'three messages'
            Wait-Until { @($got | Where-Object Kind -EQ IdleTimeout).Count -ge 1 } 'IdleTimeout'
            $b.State | Should -Be Open -Because 'it only says so'
            Close-Socket $a
            Wait-Until { @($got | Where-Object Kind -EQ Ended).Count -eq 1 } 'Ended'
            Close-Socket $b
            Wait-Until { @($got | Where-Object Kind -EQ Closed).Count -eq 1 } 'Closed'
            $messages = @($got | Where-Object Kind -EQ DataReceived).Message
            $messages.Text | Should -Be one, two, ''
            $messages.Sequence | Should -Be 1, 2, 3
            @($got | Where-Object Kind -EQ Closed).Message.HadError | Should -BeFalse
        } finally {
            $subscriptions | Stop-Job -PassThru | Remove-Job
            Get-EventSubscriber | Where-Object SourceObject -EQ $b | Unregister-Event
        }
    }

    It 'closes a socket that reads for events when both sides have ended: Ended, then Closed without an error' {
        $listener = New-TcpSocketListener 0 127.0.0.1
        $client = Connect-TcpSocket 127.0.0.1 $listener.LocalPort
        $socket = $listener | Receive-SocketConnection -Timeout 20
        $got = [System.Collections.Concurrent.ConcurrentQueue[object]]::new()
        $subscriptions = foreach ($name in 'DataReceived', 'Ended', 'Closed') {
            Register-ObjectEvent $socket $name -MessageData $got -Action {
                $Event.MessageData.Enqueue(@{ Kind = $EventSubscriber.EventName; Arguments = $EventArgs })
            }
        }
        try {
            'last' | Send-SocketData $client
            Close-Socket $client
            Wait-Until { $got.Count -eq 3 } 'all three events'
            @($got).Kind | Should -Be DataReceived, Ended, Closed
            @($got | Where-Object Kind -EQ Closed).Arguments.HadError | Should -BeFalse
            $listener.ConnectionCount | Should -Be 0
        } finally {
            $subscriptions | Stop-Job -PassThru | Remove-Job
            Get-EventSubscriber | Where-Object SourceObject -EQ $socket | Unregister-Event
            Close-Socket $socket, $listener
        }
    }

    It 'has the state Closed after <Id>' -ForEach @(
        @{ Id = 'ECONNRESET'; End = { Close-Socket $args[1] -Reset } }
        @{ Id = 'ECONNABORTED'; End = { Get-TcpConnection -LocalPort $args[0].LocalPort -RemotePort $args[1].LocalPort | Stop-TcpConnection -Confirm:$false } }
    ) {
        if ($Id -eq 'ECONNABORTED' -and (-not $IsLinux -or (id -u) -ne 0)) {
            Set-ItResult -Skipped -Because 'it takes root on Linux'
        }
        $listener = New-TcpSocketListener 0 127.0.0.1
        $client = Connect-TcpSocket 127.0.0.1 $listener.LocalPort
        $peer = $listener | Receive-SocketConnection -Timeout 20
        & $End $client $peer
        $client | Receive-SocketData -Timeout 20 -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike "$Id,*"
        $client.State | Should -Be Closed
        Close-Socket $client, $peer, $listener
    }

    It 'raises ErrorOccurred and then Closed, with HadError, when a connection fails' {
        $connection = New-TestConnection
        $socket = [NetKeepAlive.NetSocket]::FromHandle($connection.Server.SafeHandle)
        $got = [System.Collections.Concurrent.ConcurrentQueue[object]]::new()
        $subscriptions = foreach ($name in 'DataReceived', 'ErrorOccurred', 'Closed') {
            Register-ObjectEvent $socket $name -MessageData $got -Action {
                $Event.MessageData.Enqueue(@{ Kind = $EventSubscriber.EventName; Arguments = $EventArgs })
            }
        }
        try {
            Close-Socket $connection.Client -Reset
            Wait-Until { $got.Count -eq 2 } 'both events'
            @($got).Kind | Should -Be ErrorOccurred, Closed
            @($got | Where-Object Kind -EQ ErrorOccurred).Arguments.Exception.Errno | Should -Be ECONNRESET
            @($got | Where-Object Kind -EQ Closed).Arguments.HadError | Should -BeTrue
            $socket.IsClosed | Should -BeTrue
        } finally {
            $subscriptions | Stop-Job -PassThru | Remove-Job
            Get-EventSubscriber | Where-Object SourceObject -EQ $socket | Unregister-Event
            Close-Socket $connection.Server
        }
    }

    It 'hands events on in the order in which they came' {
        $source = "nka$([guid]::NewGuid().ToString('N'))"
        $came = [runspace]::DefaultRunspace.Events.ReceivedEvents
        Register-ObjectEvent $b DataReceived -SourceIdentifier $source
        try {
            foreach ($round in 1..10) {
                $before = $came.Count
                1..500 | ForEach-Object { 'x' } | Send-SocketData $a
                # What has no action is not waited for by sleep, so that many come at once.
                $until = [DateTime]::UtcNow.AddSeconds(60)
                while ($came.Count -lt $before + 500 -and [DateTime]::UtcNow -lt $until) { }
            }
            $sequence = (Get-Event -SourceIdentifier $source).SourceEventArgs.Sequence
            Compare-Object (1..5000) $sequence -SyncWindow 0 | Should -BeNullOrEmpty
        } finally {
            Unregister-Event -SourceIdentifier $source
            Get-Event -SourceIdentifier $source -ErrorAction Ignore | Remove-Event
        }
    }

    It 'does not hold up other sockets for a subscription that is gone' {
        $source = "nka$([guid]::NewGuid().ToString('N'))"
        Add-HandlerBeforeAction $b $source
        $c, $d = New-UnixSocketPair
        $job = Register-ObjectEvent $d DataReceived -Action { $EventArgs.Text }
        try {
            # A second for each would be too long to wait.
            1..60 | ForEach-Object { 'for nobody' } | Send-SocketData $a
            Start-Sleep -Milliseconds 200
            'next' | Send-SocketData $c
            Wait-Until { $job.HasMoreData } 'the other''s message'
            Wait-Until { @(Get-Event -SourceIdentifier $source -ErrorAction Ignore).Count -eq 60 } 'what nobody took, in the queue'
        } finally {
            $job | Remove-Job -Force
            Get-Event -SourceIdentifier $source -ErrorAction Ignore | Remove-Event
            Close-Socket $c, $d
        }
    }

    It 'hands what comes while PowerShell registers an action to that action' {
        # It is kept for the action for a second, in which a machine that is late may not get here.
        $inTime = $false
        for ($round = 1; -not $inTime -and $round -le 10; $round++) {
            $source = "nka$([guid]::NewGuid().ToString('N'))"
            $c, $d = New-UnixSocketPair Seqpacket
            'early' | Send-SocketData $c
            $clock = [System.Diagnostics.Stopwatch]::StartNew()
            Add-HandlerBeforeAction $d $source
            Start-Sleep -Milliseconds 200
            $job = Register-EngineEvent $source -Action { $EventArgs.Text }
            $inTime = $clock.Elapsed.TotalSeconds -le 0.9
            try {
                if ($inTime) {
                    Wait-Until { $job.HasMoreData } 'the message'
                    Receive-Job $job | Should -Be 'early'
                    Get-Event -SourceIdentifier $source -ErrorAction Ignore | Should -BeNullOrEmpty
                }
            } finally {
                Unregister-Event -SourceIdentifier $source
                Get-Event -SourceIdentifier $source -ErrorAction Ignore | Remove-Event
                $job | Remove-Job -Force
                Close-Socket $c, $d
            }
        }
        $inTime | Should -BeTrue -Because 'registering takes far less than a second'
    }

    It 'refuses a script block as a handler, which would end the process' {
        { $b.add_DataReceived({ 'x' }) } | Should -Throw '*Register-ObjectEvent*'
    }

    It 'shows a short table' {
        "one`nline", 'x' | Send-SocketData $a
        $text = $b | Receive-SocketData -Count 2 -Timeout 5 | Format-Table | Out-String -Width 80
        $text | Should -Match 'Sequence\S*\s+\S*Length\S*\s+\S*Truncated'
        $text | Should -Match '1\s+8\s+one\\nline'
    }
}
