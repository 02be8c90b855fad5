# Peers that mean harm: descriptors nobody asked for, credentials that lie, paths that are not what they seem.
BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-Module (Join-Path $PSScriptRoot 'SocketTest.psm1')
    Import-TestModule

    # Descriptors, but for the assemblies that .NET loads meanwhile.
    function Get-OpenCount {
        @(Get-ChildItem /proc/self/fd | Where-Object Target -NotLike '*.dll').Count
    }

    function Get-Id([scriptblock]$Script) {
        # Whoever runs the tests may have set another one.
        $ErrorActionPreference = 'Continue'
        $errors = @(& $Script 2>&1 | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] })
        ($errors.FullyQualifiedErrorId -split ',')[0]
    }
}

Describe 'An untrusted peer' {
    BeforeEach {
        $folder = New-TestFolder
    }
    AfterEach {
        Remove-Item $folder -Recurse -Force
    }

    It 'costs neither the message nor the process when its descriptors are of strange kinds' {
        Skip-WithoutLinux
        Skip-WithoutTool python3
        $listener = New-SeqpacketListener "$folder/l"
        $kinds = Invoke-Python @'
import os, select, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.connect(sys.argv[1])
def send(name, make):
    try: it = make()
    except OSError: return
    fd = it if isinstance(it, int) else it.fileno()
    socket.send_fds(s, [name.encode()], [fd, fd]); print(name)
send("path", lambda: os.open("/", os.O_PATH))
send("folder", lambda: os.open("/", os.O_RDONLY))
send("epoll", lambda: select.epoll())
send("pidfd", lambda: os.pidfd_open(os.getpid()))
send("netlink", lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0))
send("alg", lambda: socket.socket(38, socket.SOCK_SEQPACKET, 0))
send("vsock", lambda: socket.socket(40, socket.SOCK_STREAM))
send("packet", lambda: socket.socket(17, socket.SOCK_RAW, 0))
send("raw", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))
send("udp", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
send("sctp", lambda: socket.socket(socket.AF_INET, socket.SOCK_SEQPACKET, 132))
send("fresh tcp", lambda: socket.socket())
send("memory", lambda: os.memfd_create("x"))
'@ "$folder/l"
        $socket = $listener | Receive-SocketConnection -Timeout 20
        $before = Get-OpenCount
        $messages = @($socket | Receive-SocketData -ToEnd -Timeout 20 -ErrorVariable failures)
        $failures | Should -BeNullOrEmpty
        $messages.Text | Should -Be $kinds
        $messages.Text | Should -Contain path
        $messages | ForEach-Object { $_.Handles.Count | Should -Be 2 -Because $_.Text }
        $messages | ForEach-Object { "$($_.Handles[0])" | Should -Not -BeNullOrEmpty }
        $messages | ForEach-Object Dispose
        $messages = $null
        foreach ($turn in 1..3) { [GC]::Collect(); [GC]::WaitForPendingFinalizers() }
        Get-OpenCount | Should -BeLessOrEqual $before -Because 'each has one owner, who closed it'
        Close-Socket $socket, $listener
    }

    It 'cannot lie about who it is' {
        Skip-WithoutNobody
        # One that nobody may run too.
        $python = '/usr/bin/python3'
        if (-not (Test-Path $python)) {
            Set-ItResult -Skipped -Because "not installed: $python"
        }
        $socket = New-UnixDatagramSocket "$folder/d" -PassCredential
        chmod 777 $folder "$folder/d"
        $said = setpriv --reuid 65534 --regid 65534 --clear-groups $python -c @'
import os, socket, struct, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.connect(sys.argv[1])
for pid, uid, gid in ((1, 65534, 65534), (os.getpid(), 0, 65534), (os.getpid(), 65534, 0)):
    try: s.sendmsg([b"a lie"], [(1, 2, struct.pack("iII", pid, uid, gid))]); print("sent")
    except OSError as e: print(e.errno)
s.send(b"the truth"); print(os.getpid())
'@ "$folder/d"
        $said[0..2] | Should -Be 1, 1, 1 -Because 'the kernel says EPERM'
        $message = $socket | Receive-SocketData -Timeout 20
        $message.Text | Should -Be 'the truth'
        $message.Credential.UserId | Should -Be 65534
        $message.Credential.OwningProcess | Should -Be $said[3]
        Get-Id { $socket | Receive-SocketData -Timeout 0 } | Should -Be Timeout -Because 'no lie was delivered'
        Close-Socket $socket
    }

    It 'that sends a line without end costs no more than -MaximumLength' {
        $near, $far = New-UnixSocketPair Stream
        $pipeline = Start-TestPipeline { param($s) Receive-SocketData $s -Line -MaximumLength 100 -Timeout 60 } $far
        Send-SocketData $near -InputObject ([string]::new('x', 1000)) -Timeout 60
        $ended = Wait-TestPipeline $pipeline 60
        $ended.Output | Should -BeNullOrEmpty
        $ended.Errors[0].FullyQualifiedErrorId | Should -BeLike 'LineTooLong,*'
        Close-Socket $near, $far
    }

    It 'that announces 200 MB and sends little takes no memory' {
        $near, $far = New-UnixSocketPair Stream
        'little' | Send-SocketData $near
        $before = [GC]::GetTotalAllocatedBytes()
        Get-Id { $far | Receive-SocketData -ByteCount 200MB -Timeout 0.1 } | Should -Be Timeout
        [GC]::GetTotalAllocatedBytes() - $before | Should -BeLessThan 50MB
        ($far | Receive-SocketData -Timeout 20).Text | Should -Be little -Because 'nothing is lost by giving up'
        Close-Socket $near, $far
    }

    It 'that sends faster than the actions of its events run has to wait, and loses nothing' {
        $near, $far = New-UnixSocketPair -SocketType Stream
        $manifest = Get-TestManifest
        $received = [System.Collections.Generic.List[long]]::new()
        $subscription = Register-ObjectEvent $near DataReceived -MessageData $received -Action { $Event.MessageData.Add($EventArgs.Length) }
        $sending = Start-ThreadJob {
            Import-Module $using:manifest
            $far = $using:far
            foreach ($i in 1..100) { Send-SocketData $far -InputObject ([byte[]]::new(1MB)) }
        }
        try {
            # Actions do not run meanwhile.
            [System.Threading.Thread]::Sleep(1000)
            $far.BytesSent | Should -BeLessThan 32MB
            Wait-Until { ($received | Measure-Object -Sum).Sum -eq 100MB } '100 MB' 120
        } finally {
            Unregister-Event $subscription.Name
            Close-Socket $near, $far
            Remove-Job $sending -Force
        }
    }

    It 'that is root may send one message of 64 MB, which comes whole' {
        Skip-WithoutLinux
        Skip-WithoutTool python3
        $listener = New-SeqpacketListener "$folder/l"
        $peer = Start-TestProcess python3 '-c', @'
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.connect(sys.argv[1])
size = 64 << 20
while size > 0:
    try:
        s.setsockopt(socket.SOL_SOCKET, 32, min(size * 2, 2**31 - 1)); s.send(bytes(size)); break
    except OSError: size //= 2
print(size); s.close()
'@, "$folder/l"
        $socket = $listener | Receive-SocketConnection -Timeout 20
        $message = $socket | Receive-SocketData -Timeout 30
        $message.Truncated | Should -BeFalse
        $message.Length | Should -Be ([int]$peer.StandardOutput.ReadLine())
        Stop-TestProcess $peer
        Close-Socket $socket, $listener
    }
}

Describe 'A connection that another process shares' {
    It 'goes on there when the copy is <How>' -ForEach @(
        @{ How = 'closed'; Script = { param($s) Close-Socket $s } }
        @{ How = 'closed while it waits'; Script = {
                param($s)
                $pipeline = Start-TestPipeline { param($s) Receive-SocketData $s -Timeout 20 } $s
                Start-Sleep -Milliseconds 300
                Close-Socket $s
                ((Wait-TestPipeline $pipeline).Errors.FullyQualifiedErrorId -split ',')[0] | Should -Be EBADF
            }
        }
        @{ How = 'closed after .NET used it'; Script = { param($s) $null = $s.Socket.BeginReceive([byte[]]::new(1), 0, 1, 'None', $null, $null); Close-Socket $s } }
        @{ How = 'forgotten'; Script = { param($s) $null = $s } }
    ) {
        Skip-WithoutLinux
        Skip-WithoutTool python3
        $listener = New-TcpSocketListener -Address 127.0.0.1
        $peer = Start-TestProcess python3 '-c', @'
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1]))); print(s.fileno(), flush=True)
sys.stdin.readline()
s.setblocking(True); s.send(b"still here"); print(s.recv(99).decode(), flush=True); s.close()
'@, $listener.LocalPort
        try {
            $far = $listener | Receive-SocketConnection -Timeout 20
            $descriptor = [int]$peer.StandardOutput.ReadLine()
            & { & $Script (Import-SocketHandle -ProcessId $peer.Id -FileDescriptor $descriptor) }
            foreach ($turn in 1..3) { [GC]::Collect(); [GC]::WaitForPendingFinalizers() }
            $peer.StandardInput.WriteLine()
            ($far | Receive-SocketData -Timeout 20).Text | Should -Be 'still here'
            'so am I' | Send-SocketData $far
            $peer.StandardOutput.ReadLine() | Should -Be 'so am I'
            $far | Receive-SocketData -ToEnd -Timeout 20 -ErrorVariable failures | Should -BeNullOrEmpty
            $failures | Should -BeNullOrEmpty -Because 'it ends with FIN, not with a reset'
        } finally {
            Stop-TestProcess $peer
            Close-Socket $far, $listener
        }
    }
}

Describe 'A path that is not what it seems' {
    BeforeEach {
        $folder = New-TestFolder
        $victim = New-UnixDatagramSocket "$folder/victim"
        'precious' | Set-Content "$folder/file"
    }
    AfterEach {
        Close-Socket $victim
        Remove-Item $folder -Recurse -Force
    }

    It 'is left alone by -Force: <What>' -ForEach @(
        @{ What = 'a link to a live socket'; Target = 'victim'; Id = 'EEXIST' }
        @{ What = 'a link to a dead socket'; Target = 'dead'; Id = 'EEXIST' }
        @{ What = 'a link to a file'; Target = 'file'; Id = 'EEXIST' }
        @{ What = 'a link to nothing'; Target = 'nothing'; Id = 'EEXIST' }
        @{ What = 'a link to itself'; Target = 'link'; Id = 'EEXIST' }
    ) {
        $dead = [System.Net.Sockets.Socket]::new('Unix', 'Dgram', 'Unspecified')
        $dead.Bind([System.Net.Sockets.UnixDomainSocketEndPoint]::new("$folder/d"))
        Rename-Item "$folder/d" dead
        $dead.Dispose()
        $null = New-Item -ItemType SymbolicLink "$folder/link" -Target "$folder/$Target"
        foreach ($make in { New-UnixDatagramSocket "$folder/link" -Force }, { New-SeqpacketListener "$folder/link" -Force }, { New-UnixSocketListener "$folder/link" -Force }) {
            Get-Id $make | Should -BeIn $Id, EADDRINUSE
        }
        (Get-Item "$folder/link" -Force).LinkTarget | Should -Be "$folder/$Target"
        (Get-ChildItem $folder).Name | Sort-Object | Should -Be dead, file, link, victim
        Get-Content "$folder/file" | Should -Be precious
        $from = New-UnixDatagramSocket
        'hello' | Send-SocketData $from -To "$folder/victim"
        ($victim | Receive-SocketData -Timeout 20).Text | Should -Be hello
        Close-Socket $from
    }

    It 'was swapped for <What> after it was made, and closing leaves that' -ForEach @(
        @{ What = 'a file'; Swap = { 'new' | Set-Content "$folder/mine" } }
        @{ What = 'another socket'; Swap = { $script:other = New-UnixDatagramSocket "$folder/mine" } }
        @{ What = 'a link to the victim'; Swap = { $null = New-Item -ItemType SymbolicLink "$folder/mine" -Target "$folder/victim" } }
        @{ What = 'a folder'; Swap = { $null = New-Item -ItemType Directory "$folder/mine" } }
        @{ What = 'nothing'; Swap = { } }
    ) {
        $other = $null
        $mine = New-SeqpacketListener "$folder/mine"
        Remove-Item "$folder/mine"
        . $Swap
        $before = (Get-ChildItem $folder).Name
        Close-Socket $mine
        (Get-ChildItem $folder).Name | Should -Be $before
        if ($script:other) {
            Close-Socket $script:other
            $script:other = $null
        }
    }
}

Describe 'The variables of socket activation' {
    It 'are not believed: <Fds> descriptors for <Who>' -ForEach @(
        @{ Fds = 'x'; Who = 'me' }
        @{ Fds = '-1'; Who = 'me' }
        @{ Fds = '0'; Who = 'me' }
        @{ Fds = '4'; Who = 'me' }
        @{ Fds = '2147483647'; Who = 'me' }
        @{ Fds = '99999999999'; Who = 'me' }
        @{ Fds = '1'; Who = '' }
        @{ Fds = '1'; Who = 'x' }
    ) {
        Skip-WithoutLinux
        $before = Get-OpenCount
        try {
            $env:LISTEN_FDS = $Fds
            $env:LISTEN_PID = $Who -eq 'me' ? $PID : $Who
            $env:LISTEN_FDNAMES = ':::::'
            Get-Id { Import-SocketHandle -Activation } | Should -Be EINVAL
            foreach ($turn in 1..3) { [GC]::Collect(); [GC]::WaitForPendingFinalizers() }
            Get-OpenCount | Should -BeLessOrEqual $before -Because 'no descriptor of this process was taken'
        } finally {
            $env:LISTEN_FDS = $env:LISTEN_PID = $env:LISTEN_FDNAMES = $null
        }
    }
}
