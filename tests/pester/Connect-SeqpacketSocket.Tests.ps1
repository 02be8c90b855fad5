BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-Module (Join-Path $PSScriptRoot 'SocketTest.psm1')
    Import-TestModule
}

Describe 'Connect-SeqpacketSocket' {
    BeforeEach {
        $folder = New-TestFolder
    }
    AfterEach {
        Remove-Item $folder -Recurse -Force
    }

    It 'connects to <Peer> and talks both ways' -ForEach @(@{ Peer = 'python3' }, @{ Peer = 'socat' }) {
        Skip-WithoutTool $Peer
        $server = if ($Peer -eq 'socat') {
            Start-TestProcess socat "UNIX-LISTEN:$folder/s,type=5", 'EXEC:cat'
        } else {
            Start-Python 'import socket,sys; l=socket.socket(socket.AF_UNIX,socket.SOCK_SEQPACKET); l.bind(sys.argv[1]); l.listen(); print("ready"); c,_=l.accept(); c.send(c.recv(999)); c.send(b""); c.close()' "$folder/s"
        }
        try {
            # The file is there before anybody listens.
            Wait-Until { $script:first = Connect-SeqpacketSocket "$folder/s" -Timeout 5 -ErrorAction Ignore; $script:first } 'the server'
            $client = $script:first
            $client | Should -BeOfType NetKeepAlive.SeqpacketSocket
            $client.RemotePath | Should -Be "$folder/s"
            'hello' | Send-SocketData $client
            ($client | Receive-SocketData -Timeout 5).Text | Should -Be hello
            if ($Peer -eq 'python3') {
                $client.PeerCredential.OwningProcess | Should -Be $server.Id
                ($client | Receive-SocketData -ToEnd -Timeout 5).ForEach{ $_.Length } | Should -Be 0
            }
            Close-Socket $client
        } finally {
            Stop-TestProcess $server
        }
    }

    It 'has a path of its own with -LocalPath, removed on close' {
        $listener = New-SeqpacketListener "$folder/s"
        $client = Connect-SeqpacketSocket "$folder/s" -LocalPath "$folder/me"
        $server = $listener | Receive-SocketConnection
        $server.RemotePath | Should -Be "$folder/me"
        'x' | Send-SocketData $client
        ($server | Receive-SocketData).RemotePath | Should -Be "$folder/me"
        stat -c %a "$folder/me" | Should -Be 600
        Close-Socket $client
        Test-Path "$folder/me" | Should -BeFalse
        Close-Socket $server, $listener
    }

    It 'does not speak of a file where there is none, nor of -Force, which it does not have' {
        Connect-SeqpacketSocket -AbstractName "none-$PID" -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ECONNREFUSED,*'
        $failure[0].Exception.Message | Should -BeLike '*abstract name*'
        $failure[0].Exception.Message | Should -Not -BeLike '*file*'
        Set-Content "$folder/text" x
        Connect-SeqpacketSocket "$folder/text" -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].Exception.Message | Should -BeLike '*not a socket*'
        $listener = New-SeqpacketListener "$folder/s"
        Connect-SeqpacketSocket "$folder/s" -LocalPath "$folder/text" -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'EADDRINUSE,*'
        $failure[0].Exception.Message | Should -Not -BeLike '*-Force*'
        Close-Socket $listener
    }

    It 'says <Id> of <What>' -ForEach @(
        @{ What = 'a file that nobody serves'; Id = 'ECONNREFUSED'; Category = 'ConnectionError'; Words = '*nobody listens*' }
        @{ What = 'nothing'; Id = 'ENOENT'; Category = 'ResourceUnavailable'; Words = '*no such socket*' }
        @{ What = 'a stream listener'; Id = 'EPROTOTYPE'; Category = 'InvalidArgument'; Words = '*another type*' }
        @{ What = 'a long path'; Id = 'PathTooLong'; Category = 'InvalidArgument'; Words = '*107 bytes*' }
    ) {
        Skip-WithoutTool python3
        $stream = $null
        $path = "$folder/s"
        switch ($What) {
            'a file that nobody serves' {
                Invoke-Python 'import socket,sys; s=socket.socket(socket.AF_UNIX,socket.SOCK_SEQPACKET); s.bind(sys.argv[1]); s.listen()' $path
            }
            'a stream listener' {
                $stream = [System.Net.Sockets.Socket]::new('Unix', 'Stream', 'Unspecified')
                $stream.Bind([System.Net.Sockets.UnixDomainSocketEndPoint]::new($path))
                $stream.Listen()
            }
            'a long path' { $path = '/tmp/' + 'y' * 103 }
        }
        Connect-SeqpacketSocket $path -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike "$Id,*"
        $failure[0].CategoryInfo.Category | Should -Be $Category
        $failure[0].Exception.Message | Should -BeLike $Words
        $failure[0].TargetObject | Should -Be $path
        ${stream}?.Dispose()
    }

    It 'says EACCES where it has no right' {
        Skip-WithoutNobody
        chmod 755 $folder
        $listener = New-SeqpacketListener "$folder/s"
        Invoke-AsNobody "Connect-SeqpacketSocket '$folder/s' -ErrorAction SilentlyContinue -ErrorVariable failure; `"`$(`$failure[0].FullyQualifiedErrorId)|`$(`$failure[0].Exception.Message)`"" |
            Should -BeLike 'EACCES,*|*write permission*'
        Close-Socket $listener
    }

    It 'waits for room in the listener''s queue, with -Timeout and Ctrl+C' {
        Skip-WithoutLinux
        $listener = New-SeqpacketListener "$folder/s" -Backlog 1
        $clients = 1..2 | ForEach-Object { Connect-SeqpacketSocket "$folder/s" }
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        Connect-SeqpacketSocket "$folder/s" -Timeout 0.3 -ErrorAction SilentlyContinue -ErrorVariable failure
        $clock.Elapsed.TotalSeconds | Should -BeGreaterOrEqual 0.29
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'Timeout,*'
        Measure-TestStop { param($path) Connect-SeqpacketSocket $path } "$folder/s" | Should -BeLessThan 200
        $waiting = Start-TestPipeline { param($path) Connect-SeqpacketSocket $path -Timeout 20 } "$folder/s"
        Start-Sleep -Milliseconds 200
        $accepted = $listener | Receive-SocketConnection -Count 3 -Timeout 10
        $result = Wait-TestPipeline $waiting
        $result.Errors | Should -BeNullOrEmpty
        'x' | Send-SocketData $result.Output[0]
        ($accepted | Receive-SocketData -Timeout 5).Text | Should -Be x
        Close-Socket $clients, $accepted, $result.Output[0], $listener -ErrorAction SilentlyContinue
    }

    It 'leaks no descriptor over many cycles' {
        Skip-WithoutLinux
        $listener = New-SeqpacketListener "$folder/s"
        $cycle = {
            $client = Connect-SeqpacketSocket "$folder/s"
            $server = $listener | Receive-SocketConnection
            'x' | Send-SocketData $client
            $null = $server | Receive-SocketData
            Close-Socket $client
            Close-Socket $server
        }
        & $cycle
        $before = Get-DescriptorCount
        foreach ($i in 1..500) {
            & $cycle
        }
        # What waits in the background has two for a second longer.
        Wait-Until { (Get-DescriptorCount) -le $before } 'the descriptors to be closed'
        $listener.ConnectionCount | Should -Be 0
        Close-Socket $listener
    }
}
