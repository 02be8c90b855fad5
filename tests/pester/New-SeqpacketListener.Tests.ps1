BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-Module (Join-Path $PSScriptRoot 'SocketTest.psm1')
    Import-TestModule
}

Describe 'New-SeqpacketListener' {
    BeforeEach {
        $folder = New-TestFolder
    }
    AfterEach {
        Remove-Item $folder -Recurse -Force
    }

    It 'listens from birth, with its properties' {
        $listener = New-SeqpacketListener "$folder/s" -Backlog 7 -MaxConnection 3
        $listener | Should -BeOfType NetKeepAlive.SocketListener
        $listener.Kind | Should -Be Seqpacket
        $listener.Backlog | Should -Be 7
        $listener.MaxConnection | Should -Be 3
        $listener.IsListening | Should -BeTrue
        $listener.LocalPath | Should -Be "$folder/s"
        $listener.ConnectionCount | Should -Be 0
        Close-Socket $listener
        $listener.IsListening | Should -BeFalse
        $listener.LocalPath | Should -BeNullOrEmpty
        Test-Path "$folder/s" | Should -BeFalse
    }

    It 'makes the file with mode <Expected> for <Parameters>' -ForEach @(
        @{ Parameters = @{ }; Expected = '600' }
        @{ Parameters = @{ ReadableAll = $true }; Expected = '644' }
        @{ Parameters = @{ WritableAll = $true }; Expected = '622' }
        @{ Parameters = @{ ReadableAll = $true; WritableAll = $true }; Expected = '666' }
        @{ Parameters = @{ Mode = 0660 }; Expected = '660' }
    ) {
        $listener = New-SeqpacketListener "$folder/s" @Parameters
        stat -c %a "$folder/s" | Should -Be $Expected
        Close-Socket $listener
    }

    It 'serves socat in both directions' {
        Skip-WithoutTool socat
        $listener = New-SeqpacketListener "$folder/s"
        $client = Start-TestProcess socat '-t5', '-', "UNIX-CONNECT:$folder/s,type=5"
        try {
            $server = $listener | Receive-SocketConnection -Timeout 10
            $client.StandardInput.Write('from socat')
            $client.StandardInput.Flush()
            ($server | Receive-SocketData -Timeout 10).Text | Should -Be 'from socat'
            "to socat`n" | Send-SocketData $server
            $client.StandardOutput.ReadLine() | Should -Be 'to socat'
            $server.PeerCredential.OwningProcess | Should -Be $client.Id
            Close-Socket $server
        } finally {
            Stop-TestProcess $client
            Close-Socket $listener
        }
    }

    It 'serves Python, whose empty message is no end' {
        Skip-WithoutTool python3
        $listener = New-SeqpacketListener "$folder/s"
        $client = Start-TestProcess python3 '-c', 'import socket,sys; s=socket.socket(socket.AF_UNIX,socket.SOCK_SEQPACKET); s.connect(sys.argv[1]); [s.send(x) for x in (b"a",b"",b"c"*100000,b"")]; s.close()', "$folder/s"
        try {
            $server = $listener | Receive-SocketConnection -Timeout 10
            ($server | Receive-SocketData -ToEnd -Timeout 10).ForEach{ $_.Length } | Should -Be 1, 0, 100000, 0
            Close-Socket $server
        } finally {
            Stop-TestProcess $client
            Close-Socket $listener
        }
    }

    It 'turns away what is over -MaxConnection, and reports it' {
        $listener = New-SeqpacketListener "$folder/s" -MaxConnection 1
        $dropped = [System.Collections.Concurrent.ConcurrentQueue[object]]::new()
        $job = Register-ObjectEvent $listener ConnectionDropped -MessageData $dropped -Action { $Event.MessageData.Enqueue($EventArgs) }
        try {
            $first = Connect-SeqpacketSocket "$folder/s"
            $server = $listener | Receive-SocketConnection -Timeout 5
            $second = Connect-SeqpacketSocket "$folder/s"
            $listener | Receive-SocketConnection -Timeout 0.1 -ErrorAction SilentlyContinue -ErrorVariable failure
            $failure[0].FullyQualifiedErrorId | Should -BeLike 'Timeout,*'
            @($second | Receive-SocketData -Timeout 5 -ErrorAction Stop).Count | Should -Be 0 -Because 'it was closed'
            Wait-Until { $dropped.Count -eq 1 } 'ConnectionDropped'
            foreach ($name in 'LocalAddress', 'LocalPort', 'LocalFamily', 'RemoteAddress', 'RemotePort', 'RemoteFamily') {
                @($dropped)[0].psobject.Properties.Name | Should -Contain $name
                @($dropped)[0].$name | Should -BeNullOrEmpty
            }
            @($dropped)[0].Reason | Should -Not -BeNullOrEmpty
            $listener.ConnectionCount | Should -Be 1
            Close-Socket $server
            $third = Connect-SeqpacketSocket "$folder/s"
            Close-Socket ($listener | Receive-SocketConnection -Timeout 5 -ErrorAction Stop)
            Close-Socket $first, $second, $third, $listener
        } finally {
            $job | Stop-Job -PassThru | Remove-Job
            Get-EventSubscriber | Where-Object SourceObject -EQ $listener | Unregister-Event
        }
    }

    It 'raises Connection and Closed' {
        $listener = New-SeqpacketListener "$folder/s"
        $got = [System.Collections.Concurrent.ConcurrentQueue[object]]::new()
        $jobs = foreach ($name in 'Connection', 'Closed') {
            Register-ObjectEvent $listener $name -MessageData $got -Action { $Event.MessageData.Enqueue($EventArgs) }
        }
        try {
            $client = Connect-SeqpacketSocket "$folder/s"
            Wait-Until { $got.Count -eq 1 } 'Connection'
            $server = @($got)[0].Socket
            'x' | Send-SocketData $client
            ($server | Receive-SocketData -Timeout 5).Text | Should -Be x
            Close-Socket $listener
            'y' | Send-SocketData $client
            ($server | Receive-SocketData -Timeout 5).Text | Should -Be y -Because 'what was accepted lives on'
            $got.Count | Should -Be 1
            Close-Socket $client, $server
            Wait-Until { $got.Count -eq 2 } 'Closed after the last connection'
        } finally {
            $jobs | Stop-Job -PassThru | Remove-Job
            Get-EventSubscriber | Where-Object SourceObject -EQ $listener | Unregister-Event
        }
    }

    It 'says EADDRINUSE of a path in use, and takes a dead one with -Force' {
        $listener = New-SeqpacketListener "$folder/s"
        foreach ($force in $false, $true) {
            New-SeqpacketListener "$folder/s" -Force:$force -ErrorAction SilentlyContinue -ErrorVariable failure
            $failure[0].FullyQualifiedErrorId | Should -BeLike 'EADDRINUSE,*'
            $failure[0].CategoryInfo.Category | Should -Be ResourceExists
        }
        $c = Connect-SeqpacketSocket "$folder/s"
        Close-Socket $c, $listener
        Skip-WithoutTool python3
        Invoke-Python 'import socket,sys; socket.socket(socket.AF_UNIX,socket.SOCK_STREAM).bind(sys.argv[1])' "$folder/s"
        Close-Socket (New-SeqpacketListener "$folder/s" -Force -ErrorAction Stop)
    }

    It 'listens on an abstract name' {
        Skip-WithoutLinux
        $listener = New-SeqpacketListener -AbstractName "nka-l-$PID"
        $listener.LocalPath | Should -Be "@nka-l-$PID"
        $client = Connect-SeqpacketSocket -AbstractName "nka-l-$PID"
        $client.RemotePath | Should -Be "@nka-l-$PID"
        Close-Socket $client, $listener
    }

    It 'passes the credentials of each message with -PassCredential, from the first' {
        Skip-WithoutLinux
        $listener = New-SeqpacketListener "$folder/s" -PassCredential
        $client = Connect-SeqpacketSocket "$folder/s"
        'early' | Send-SocketData $client
        $server = $listener | Receive-SocketConnection
        ($server | Receive-SocketData -Timeout 5).Credential.OwningProcess | Should -Be $PID
        Close-Socket $client, $server, $listener
    }

    It 'takes 0 for -Backlog' {
        $listener = New-SeqpacketListener "$folder/s" -Backlog 0
        $listener.Backlog | Should -Be 0
        $client = Connect-SeqpacketSocket "$folder/s" -Timeout 10
        $server = $listener | Receive-SocketConnection -Timeout 10
        'x' | Send-SocketData $client
        ($server | Receive-SocketData -Timeout 10).Text | Should -Be x
        Close-Socket $client, $server, $listener
    }

    It 'refuses <Parameter> <Value>' -ForEach @(
        @{ Parameter = 'Backlog'; Value = -1 }, @{ Parameter = 'MaxConnection'; Value = -1 }
        @{ Parameter = 'Mode'; Value = 'x' }, @{ Parameter = 'Path'; Value = '' }
    ) {
        $parameters = @{ Path = "$folder/s" }
        $parameters[$Parameter] = $Value
        { New-SeqpacketListener @parameters -ErrorAction Stop } | Should -Throw "*'$Parameter'*"
    }
}
