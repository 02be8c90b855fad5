BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-Module (Join-Path $PSScriptRoot 'SocketTest.psm1')
    Import-TestModule
}

Describe 'Disconnect-Socket' {
    It 'ends sending on a <Type> pair, and the other direction goes on' -ForEach @(@{ Type = 'Seqpacket' }, @{ Type = 'Stream' }) {
        $a, $b = New-UnixSocketPair $Type
        'last' | Send-SocketData $a
        $a | Disconnect-Socket
        $a.State | Should -Be ReadOnly
        ($b | Receive-SocketData -ToEnd -Timeout 5).Text | Should -Be last
        $b.State | Should -Be WriteOnly
        'answer' | Send-SocketData $b
        ($a | Receive-SocketData -Timeout 5).Text | Should -Be answer
        'x' | Send-SocketData $a -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'EPIPE,*'
        Close-Socket $a, $b
    }

    It 'ends receiving or both with -Direction' {
        $a, $b = New-UnixSocketPair
        Disconnect-Socket $a -Direction Receive
        $a.State | Should -Be WriteOnly
        'x' | Send-SocketData $b -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'EPIPE,*'
        Disconnect-Socket $a -Direction Both
        $a.State | Should -Be Closed
        @($a | Receive-SocketData -Timeout 5 -ErrorAction Stop).Count | Should -Be 0
        Close-Socket $a, $b
    }

    It 'half-closes a .NET socket towards a real peer' {
        Skip-WithoutTool python3
        $server = Start-Python 'import socket; l=socket.socket(); l.bind(("127.0.0.1",0)); l.listen(); print("ready"); print(l.getsockname()[1]); c,_=l.accept(); d=b"".join(iter(lambda: c.recv(99), b"")); c.send(b"got "+d); c.close()'
        try {
            $client = [System.Net.Sockets.TcpClient]::new('127.0.0.1', [int]$server.StandardOutput.ReadLine())
            'all of it' | Send-SocketData $client
            Disconnect-Socket $client
            ($client | Receive-SocketData -ToEnd -Timeout 5).Text | Should -Be 'got all of it'
            Close-Socket $client
        } finally {
            Stop-TestProcess $server
        }
    }

    It 'half-closes the connection of a row of Get-TcpConnection, whoever holds it' {
        Skip-WithoutLinux
        $connection = New-TestConnection
        Get-TcpConnection -LocalPort $connection.Client.LocalEndPoint.Port -RemotePort $connection.Port | Disconnect-Socket
        $connection.Server | Receive-SocketData -Timeout 5 -ErrorAction Stop | Should -BeNullOrEmpty -Because 'that is the end'
        'back' | Send-SocketData $connection.Server
        ($connection.Client | Receive-SocketData -Timeout 5).Text | Should -Be back
        Close-Socket $connection.Client, $connection.Server
    }

    It 'has an error for what is closed, or no socket, and goes on' {
        $a, $b = New-UnixSocketPair
        $c, $d = New-UnixSocketPair
        Close-Socket $a
        $a, 'x', $c | Disconnect-Socket -ErrorAction SilentlyContinue -ErrorVariable failures
        $failures.FullyQualifiedErrorId | Should -Be 'EBADF,NetKeepAlive.PowerShell.Commands.DisconnectSocket', 'NotASocket,NetKeepAlive.PowerShell.Commands.DisconnectSocket'
        $c.State | Should -Be ReadOnly
        Close-Socket $b, $c, $d
    }
}
