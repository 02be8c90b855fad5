BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-Module (Join-Path $PSScriptRoot 'SocketTest.psm1')
    Import-TestModule
}

Describe 'Receive-SocketConnection' {
    BeforeEach {
        $folder = New-TestFolder
        $listeners = 1..3 | ForEach-Object { New-SeqpacketListener "$folder/$_" }
    }
    AfterEach {
        $listeners | Close-Socket
        Remove-Item $folder -Recurse -Force
    }

    It 'accepts from whichever of many listeners is ready first' {
        $client = Connect-SeqpacketSocket "$folder/2"
        $server = $listeners | Receive-SocketConnection -Timeout 5
        $server.LocalPath | Should -Be "$folder/2"
        Close-Socket $client, $server
    }

    It 'emits each connection as it is accepted, -Count of them' {
        $waiting = Start-TestPipeline { param($l) $l | Receive-SocketConnection -Count 2 -Timeout 20 } (, $listeners)
        $one = Connect-SeqpacketSocket "$folder/1"
        Wait-Until { $waiting.Output.Count -eq 1 } 'the first connection'
        $three = Connect-SeqpacketSocket "$folder/3"
        $result = Wait-TestPipeline $waiting
        $result.Output.LocalPath | Should -Be "$folder/1", "$folder/3"
        Close-Socket $one, $three
        $result.Output | Close-Socket
    }

    It 'has an error with id Timeout when nobody connects' {
        $listeners | Receive-SocketConnection -Timeout 0.1 -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure.Count | Should -Be 1
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'Timeout,*'
        $failure[0].CategoryInfo.Category | Should -Be OperationTimeout
    }

    It 'accepts with a listener of .NET''s, and leaves it usable' {
        $tcp = [System.Net.Sockets.TcpListener]::new([ipaddress]::Loopback, 0)
        $tcp.Start()
        $client = [System.Net.Sockets.TcpClient]::new('127.0.0.1', $tcp.LocalEndpoint.Port)
        $server = $tcp | Receive-SocketConnection -Timeout 5
        $server.RemotePort | Should -Be $client.Client.LocalEndPoint.Port
        $next = [System.Net.Sockets.TcpClient]::new('127.0.0.1', $tcp.LocalEndpoint.Port)
        $accepted = $tcp.AcceptTcpClient()
        $accepted.Connected | Should -BeTrue
        $server, $client, $next, $accepted | Close-Socket
        Close-Socket $tcp
    }

    It 'ends within 200 ms by Ctrl+C' {
        Measure-TestStop { param($l) $l | Receive-SocketConnection } (, $listeners) | Should -BeLessThan 200
        $client = Connect-SeqpacketSocket "$folder/1"
        Close-Socket ($listeners | Receive-SocketConnection -Timeout 5 -ErrorAction Stop), $client
    }

    It 'ends with an error when another runspace closes the listener' {
        $waiting = Start-TestPipeline { param($l) $l | Receive-SocketConnection } $listeners[0]
        Start-Sleep -Milliseconds 300
        Close-Socket $listeners[0]
        (Wait-TestPipeline $waiting).Errors[0].FullyQualifiedErrorId | Should -BeLike 'EBADF,*'
    }

    It 'reports a closed listener among others, whichever has its turn' {
        Close-Socket $listeners[0]
        1..2 | ForEach-Object {
            $client = Connect-SeqpacketSocket "$folder/2"
            $socket = $listeners | Receive-SocketConnection -Timeout 20 -ErrorAction SilentlyContinue -ErrorVariable failure
            $socket | Should -Not -BeNullOrEmpty
            $failure.FullyQualifiedErrorId | Should -BeLike 'EBADF,*'
            $failure[0].TargetObject | Should -Be $listeners[0]
            Close-Socket $socket, $client
        }
    }

    It 'refuses what does not listen' {
        $a, $b = New-UnixSocketPair
        'x', $a | Receive-SocketConnection -ErrorAction SilentlyContinue -ErrorVariable failures
        $failures.FullyQualifiedErrorId | Should -BeLike 'NotASocket,*'
        $failures.Count | Should -Be 2
        Close-Socket $a, $b
    }
}
