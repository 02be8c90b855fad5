BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-Module (Join-Path $PSScriptRoot 'SocketTest.psm1')
    Import-TestModule
}

Describe 'Import-SocketHandle' {
    BeforeEach {
        $folder = New-TestFolder
    }
    AfterEach {
        Remove-Item $folder -Recurse -Force
    }

    It 'takes over a listener and a connection that this process inherited' {
        Skip-WithoutLinux
        Skip-WithoutTool python3
        $program = @'
import os, socket, sys
l = socket.socket(); l.bind(("127.0.0.1", 0)); l.listen()
c = socket.create_connection(l.getsockname()); s, _ = l.accept()
u = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); u.bind(sys.argv[2])
n = socket.socket(); n.bind(("127.0.0.1", 0)); n.listen(); n.setblocking(False)
early = [socket.create_connection(x.getsockname()) for x in (l, n)]
for e in early: os.set_inheritable(e.fileno(), True)
for fd, it in enumerate((l, s, u, n), 40): os.dup2(it.fileno(), fd, inheritable=True)
c.send(b"waiting")
os.execvp(sys.argv[3], sys.argv[3:] + ["-nop", "-c", sys.argv[1]])
'@
        $script = @(
            "Import-Module '$(Get-TestManifest)'"
            '$l, $s, $u, $n = Import-SocketHandle -FileDescriptor 40, 41, 42, 43'
            '"$($l.GetType().Name) $($l.Kind) $($s.GetType().Name) $($s.RemotePort -gt 0) $($u.GetType().Name)"'
            '($s | Receive-SocketData -Timeout 5).Text; $u.LocalPath'
            # One blocks and the other does not, which makes no difference.
            '$accepted = $l, $n | Receive-SocketConnection -Count 2 -Timeout 10; @($accepted).Count'
            '$l, $n | Receive-SocketConnection -Timeout 0.1 -ErrorAction SilentlyContinue -ErrorVariable e; $e[0].FullyQualifiedErrorId'
            '@(sh -c "ls -l /proc/self/fd" | Where-Object { $_ -match "socket:" }).Count'
        ) -join '; '
        $lines = Invoke-Python $program (@($script, "$folder/u") + (Get-TestPwsh))
        $lines | Should -Be 'SocketListener Tcp StreamSocket True UnixDatagramSocket', 'waiting', "$folder/u", '2', 'Timeout,NetKeepAlive.PowerShell.Commands.ReceiveSocketConnection', '2'
    }

    It 'copies a socket that this process opened itself, for it has an owner' {
        $a, $b = New-UnixSocketPair Stream
        $copy = Import-SocketHandle -FileDescriptor ([int]$a.Socket.Handle)
        'one' | Send-SocketData $copy
        Close-Socket $copy
        # The number is free for others now, and the owner must not close it a second time.
        $c, $d = New-UnixSocketPair Stream
        'two' | Send-SocketData $a
        ($b | Receive-SocketData -ByteCount 6 -Timeout 5).Text | Should -Be onetwo
        Close-Socket $a
        'three' | Send-SocketData $c
        ($d | Receive-SocketData -Timeout 5).Text | Should -Be three
        Close-Socket $b, $c, $d
    }

    It 'serves a port by a copy of a listener, as a server that listens on a descriptor does' {
        $listener = New-ReuseportListener -Address 127.0.0.1
        $port = $listener.LocalPort
        $copy = Import-SocketHandle -FileDescriptor $listener.Socket.Handle
        Close-Socket $listener
        $copy.IsListening, $copy.LocalPort | Should -Be $true, $port
        $client = Connect-TcpSocket 127.0.0.1 $port -Timeout 5
        $server = $copy | Receive-SocketConnection -Timeout 5
        'x' | Send-SocketData $client
        ($server | Receive-SocketData -Timeout 5).Text | Should -Be x
        Close-Socket $client, $server, $copy
    }

    It 'copies a socket of another process, which keeps its own' {
        Skip-WithoutLinux
        Skip-WithoutTool python3
        # accept(2) begins when the copy is closed: until then the listener is non-blocking for its own process, too.
        $server = Start-Python 'import select,socket,sys; l=socket.socket(socket.AF_UNIX,socket.SOCK_SEQPACKET); l.bind(sys.argv[1]); l.listen(); print("ready"); print(l.fileno()); select.select([l],[],[]); c,_=l.accept(); print(c.recv(99).decode())' "$folder/s"
        try {
            $descriptor = [int]$server.StandardOutput.ReadLine()
            $copy = Import-SocketHandle -ProcessId $server.Id -FileDescriptor $descriptor
            $copy | Should -BeOfType NetKeepAlive.SocketListener
            $copy.Kind | Should -Be Seqpacket
            $copy.LocalPath | Should -Be "$folder/s"
            Close-Socket $copy
            Test-Path "$folder/s" | Should -BeTrue -Because 'it is not this process''s file'
            $client = Connect-SeqpacketSocket "$folder/s"
            'still there' | Send-SocketData $client
            $server.StandardOutput.ReadLine() | Should -Be 'still there'
            Close-Socket $client
        } finally {
            Stop-TestProcess $server
        }
    }

    Context 'a listener of a program that waits inside accept(2)' {
        BeforeEach {
            Skip-WithoutLinux
            Skip-WithoutTool python3
            # Says for each line that it gets whether its listener is blocking.
            $owner = Start-Python 'import fcntl,os,socket,sys; l=socket.create_server(("127.0.0.1",0)); print("ready"); print(l.fileno()); print(l.getsockname()[1]); [print(not fcntl.fcntl(l,fcntl.F_GETFL) & os.O_NONBLOCK) for _ in sys.stdin]'
            $descriptor, $port = 1..2 | ForEach-Object { [int]$owner.StandardOutput.ReadLine() }
            $isBlocking = { $owner.StandardInput.WriteLine(); $owner.StandardOutput.ReadLine() }
        }
        AfterEach {
            Stop-TestProcess $owner
        }

        It 'has its mode back when SIGTERM ends pwsh' {
            $default = 'import os, signal, sys; signal.signal(signal.SIGTERM, signal.SIG_DFL); os.execvp(sys.argv[1], sys.argv[1:])'
            $script = "Import-Module '$(Get-TestManifest)'; `$l = Import-SocketHandle -ProcessId $($owner.Id) -FileDescriptor $descriptor -WarningAction Ignore; 'ready'; [Console]::In.ReadLine()"
            $process = Start-TestProcess python3 (@('-c', $default) + @(Get-TestPwsh) + @('-NoLogo', '-NoProfile', '-NonInteractive', '-Command', $script))
            try {
                $process.StandardOutput.ReadLine() | Should -Be ready
                & $isBlocking | Should -Be False
                kill -s TERM $process.Id
                $process.WaitForExit(60000) | Should -BeTrue
                & $isBlocking | Should -Be True
            } finally {
                Stop-TestProcess $process
            }
        }

        It 'is imported twice: neither waits longer than asked when the other is closed' {
            $a, $b = 1..2 | ForEach-Object { Import-SocketHandle -ProcessId $owner.Id -FileDescriptor $descriptor -WarningAction Ignore }
            $pipeline = $client = $null
            try {
                Close-Socket $a
                $pipeline = Start-TestPipeline { param($listener) Receive-SocketConnection $listener -Timeout 0.5 } $b
                (Wait-TestPipeline $pipeline).Errors.FullyQualifiedErrorId | Should -BeLike 'Timeout*'

                $client = Connect-TcpSocket 127.0.0.1 $port -Timeout 20
                $server = $b | Receive-SocketConnection -Timeout 20
                $server.RemotePort | Should -Be $client.LocalPort
                & $isBlocking | Should -Be False
                Close-Socket $b
                & $isBlocking | Should -Be True
            } finally {
                # Whoever hangs inside accept(2) is let go by a client.
                $freed = Connect-TcpSocket 127.0.0.1 $port -Timeout 20 -ErrorAction Ignore
                Close-Socket $client, $server, $freed, $b
            }
        }
    }

    It 'takes what systemd passes, with names' {
        Skip-WithoutTool systemd-socket-activate
        $script = @(
            "Import-Module '$(Get-TestManifest)'; `$all = Import-SocketHandle -Activation"
            '$all.ForEach{ "$($_.ActivationName) $($_.Kind)" }'
            '"fds=$env:LISTEN_FDS"'
            'Import-SocketHandle -Activation -ErrorAction SilentlyContinue -ErrorVariable e; $e[0].FullyQualifiedErrorId'
            '$c = $all[0] | Receive-SocketConnection -Timeout 10; ($c | Receive-SocketData -Timeout 5).Text'
        ) -join '; '
        $server = Start-TestProcess systemd-socket-activate (@('--seqpacket', '-l', "$folder/a", '-l', "$folder/b", '--fdname=one:two') + (Get-TestPwsh) + @('-nop', '-c', $script))
        try {
            Wait-Until { Test-Path "$folder/b" } 'systemd-socket-activate'
            $client = Connect-SeqpacketSocket "$folder/a"
            'activated' | Send-SocketData $client
            $lines = $server.StandardOutput.ReadToEnd().Trim() -split "`n"
            $lines[0, 1] | Should -Be 'one Seqpacket', 'two Seqpacket'
            $lines[2] | Should -Be 'fds=' -Because 'descriptors have one owner'
            $lines[3] | Should -BeLike 'EINVAL,*'
            $lines[-1] | Should -Be activated
            Close-Socket $client
        } finally {
            Stop-TestProcess $server
        }
    }

    It 'checks LISTEN_PID' {
        $env:LISTEN_FDS = '1'
        $env:LISTEN_PID = '1'
        try {
            Import-SocketHandle -Activation -ErrorAction SilentlyContinue -ErrorVariable failure
            $failure[0].FullyQualifiedErrorId | Should -BeLike 'EINVAL,*'
            $failure[0].Exception.Message | Should -BeLike '*process 1 (LISTEN_PID)*'
        } finally {
            $env:LISTEN_FDS = $null
            $env:LISTEN_PID = $null
        }
    }

    It 'tells a LISTEN_FDS that is no number from none: <Value>' -ForEach @(
        @{ Value = 'x'; Message = "LISTEN_FDS is 'x'*number*" }
        @{ Value = '0'; Message = "LISTEN_FDS is '0'*number*" }
        @{ Value = $null; Message = '*LISTEN_FDS is not set*' }
    ) {
        $env:LISTEN_FDS = $Value
        try {
            Import-SocketHandle -Activation -ErrorAction SilentlyContinue -ErrorVariable failure
            $failure[0].FullyQualifiedErrorId | Should -BeLike 'EINVAL,*'
            $failure[0].Exception.Message | Should -BeLike $Message
        } finally {
            $env:LISTEN_FDS = $null
        }
    }

    It 'says <Id> of <What>' -ForEach @(
        @{ What = 'a descriptor that is not open'; Id = 'EBADF' }
        @{ What = 'a file'; Id = 'NotASocket' }
        @{ What = 'a process that is gone'; Id = 'ESRCH' }
    ) {
        Skip-WithoutLinux
        $file = [System.IO.File]::OpenRead($PSCommandPath)
        $parameters = switch ($What) {
            'a descriptor that is not open' { @{ FileDescriptor = 99999 } }
            'a file' { @{ FileDescriptor = [int]$file.SafeFileHandle.DangerousGetHandle() } }
            default { @{ FileDescriptor = 3; ProcessId = [int]::MaxValue } }
        }
        Import-SocketHandle @parameters -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike "$Id,*"
        $file.ReadByte() | Should -BeGreaterThan 0 -Because 'what is no socket stays open'
        $file.Dispose()
    }

    It 'says EPERM of another user''s process' {
        Skip-WithoutNobody
        Invoke-AsNobody "Import-SocketHandle -ProcessId $PID -FileDescriptor 3 -ErrorAction SilentlyContinue -ErrorVariable failure; `"`$(`$failure[0].FullyQualifiedErrorId)|`$(`$failure[0].Exception.Message)`"" |
            Should -BeLike 'EPERM,*|*same user*root*'
    }
}
