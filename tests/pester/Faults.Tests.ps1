# What goes wrong on a machine: no descriptors, no memory, signals, a full disk, peers that die, a clock that jumps.
BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-Module (Join-Path $PSScriptRoot 'SocketTest.psm1')
    Import-Module (Join-Path $PSScriptRoot 'StreamTest.psm1')
    Import-TestModule

    # A pwsh with the module imported that runs each line it is given and answers with one line.
    $server = @"
`$PSStyle.OutputRendering = 'PlainText'
`$ErrorActionPreference = 'SilentlyContinue'
Import-Module '$(Get-TestManifest)'
function Get-FirstId([scriptblock]`$Script) {
    `$Error.Clear()
    `$output = & `$Script
    if (`$Error) { (`$Error[-1].FullyQualifiedErrorId -split ',')[0] } else { "ok `$output".Trim() }
}
`$fill = [System.Collections.Generic.List[object]]::new()
function Set-Full([int]`$Most = [int]::MaxValue) {
    # What the collector would close meanwhile would make room again.
    [GC]::Collect(); [GC]::WaitForPendingFinalizers(); [GC]::Collect(); [GC]::WaitForPendingFinalizers()
    try { for (`$i = 0; `$i -lt `$Most; `$i++) { `$fill.Add([System.IO.File]::OpenHandle('/dev/null')) } } catch { `$Error.Clear() }
}
function Clear-Full { foreach (`$one in `$fill) { `$one.Dispose() }; `$fill.Clear() }
# Once, for loading code takes a descriptor too.
Set-Full 2; Clear-Full
function Get-Count { @(Get-ChildItem /proc/self/fd | Where-Object Target -NotLike '*.dll').Count }
'ready'
while (`$null -ne (`$line = [Console]::In.ReadLine())) {
    try { "`$(. ([scriptblock]::Create(`$line)))" -replace '\s+', ' ' } catch { "thrown: `$_" -replace '\s+', ' ' }
}
"@

    function Start-Subject([string[]]$Before = @()) {
        $command = @($Before) + (Get-TestPwsh) + @('-NoLogo', '-NoProfile', '-NonInteractive', '-Command', $server)
        $process = Start-TestProcess $command[0] $command[1..($command.Count - 1)]
        $process.StandardOutput.ReadLine() | Should -Be 'ready'
        $process
    }

    function Invoke-Subject($Process, [string]$Line, [double]$Seconds = 120) {
        $Process.StandardInput.WriteLine($Line)
        $reading = $Process.StandardOutput.ReadLineAsync()
        if (-not $reading.Wait([timespan]::FromSeconds($Seconds))) {
            throw "No answer within $Seconds s: $Line"
        }
        $reading.Result
    }

    function Get-SocketCount($Process) {
        @(Get-ChildItem "/proc/$($Process.Id)/fd" | Where-Object LinkTarget -Like 'socket:*').Count
    }

    # Closing goes on behind the caller's back, by a copy of the descriptor and a thread that waits by two more: what they
    # free would be there again after all were taken.
    function Wait-Closed($Process, [int]$Sockets) {
        Wait-Until {
            $threads = Get-Content "/proc/$($Process.Id)/task/*/comm" -ErrorAction Ignore
            (Get-SocketCount $Process) -le $Sockets -and 'NetKeepAlive' -notin $threads
        } 'what was closed to be gone'
    }

    # Runs a line while strace makes system calls of the process fail.
    function Invoke-WithFault($Process, [string[]]$Inject, [string]$Line) {
        $tracer = Start-TestTracer $Process $Inject
        try {
            Invoke-Subject $Process $Line
        } finally {
            # An end in order lets go of the process.
            kill -INT $tracer.Id
            Wait-Until { Get-UntracedThread $Process } 'strace to leave'
            Stop-TestProcess $tracer
        }
    }
}

Describe 'A process without free descriptors' {
    It 'says EMFILE of whatever needs one, loses nothing, and goes on when there are some again' {
        Skip-WithoutLinux
        Skip-WithoutTool prlimit
        $subject = Start-Subject prlimit, '--nofile=400:400'
        $folder = New-TestFolder
        try {
            $null = Invoke-Subject $subject "`$f = '$folder'; `$a, `$b = New-UnixSocketPair; `$l = New-UnixSocketListener `$f/l; `$s, `$t = New-UnixSocketPair Stream; `$h = [IO.File]::OpenHandle('/dev/null'); `$client = Connect-UnixSocket `$f/l; `$tcp = New-TcpSocketListener -Address 127.0.0.1"
            $sockets = Get-SocketCount $subject
            $tries = @(
                'New-UnixSocketPair | Close-Socket'
                'New-UnixDatagramSocket $f/d | Close-Socket'
                'New-SeqpacketListener $f/q | Close-Socket'
                'New-UnixSocketListener $f/u | Close-Socket'
                'New-TcpSocketListener -Address 127.0.0.1 | Close-Socket'
                'New-ReuseportListener -Address 127.0.0.1 | Close-Socket'
                'Connect-UnixSocket $f/l | Close-Socket'
                'Connect-TcpSocket 127.0.0.1 $tcp.LocalPort | Close-Socket'
                '$l | Receive-SocketConnection -Timeout 5 | Close-Socket'
                'Get-TcpConnection -LocalPort 1 | Out-Null'
            )
            # Once all of it, so that every assembly is loaded.
            $null = Invoke-Subject $subject ('$warm = ' + (($tries | ForEach-Object { "`$(Get-FirstId { $_ })" }) -join '; '))
            $null = Invoke-Subject $subject 'Close-Socket $client; $client = Connect-UnixSocket $f/l; $null = Get-FirstId { Receive-SocketData $b -Timeout 0.01 }; $null = Get-FirstId { $h | Send-SocketHandle $a; Receive-SocketHandle $b -Timeout 5 | ForEach-Object Dispose }; $null = $Error[0].FullyQualifiedErrorId'
            Wait-Closed $subject $sockets
            $null = Invoke-Subject $subject '[GC]::Collect(); [GC]::WaitForPendingFinalizers(); $count = Get-Count'
            $null = Invoke-Subject $subject 'Set-Full'
            foreach ($try in $tries) {
                Invoke-Subject $subject "Get-FirstId { $try }" | Should -Be EMFILE -Because $try
            }
            Invoke-Subject $subject 'Get-FirstId { Receive-SocketData $b -Timeout 5 }' | Should -Be EMFILE -Because 'a wait needs a pipe'
            Invoke-Subject $subject 'Get-FirstId { "sent" | Send-SocketData $a; (Receive-SocketData $b).Text }' | Should -Be 'ok sent' -Because 'what needs no descriptor works'
            Invoke-Subject $subject 'Get-FirstId { $h | Send-SocketHandle $a; Receive-SocketHandle $b }' | Should -Be EMFILE -Because 'the descriptor had no room'
            Invoke-Subject $subject 'Get-FirstId { $h | Send-SocketHandle $a; Receive-SocketData $b | Out-Null }' | Should -Be EMFILE -Because 'its loss is told'
            (Get-ChildItem $folder).Name | Should -Be 'l' -Because 'no file is left by what failed'
            $null = Invoke-Subject $subject 'Clear-Full; [GC]::Collect(); [GC]::WaitForPendingFinalizers()'
            foreach ($try in $tries) {
                Invoke-Subject $subject "Get-FirstId { $try }" | Should -Be ok -Because $try
            }
            Wait-Closed $subject $sockets
            [int](Invoke-Subject $subject '[GC]::Collect(); [GC]::WaitForPendingFinalizers(); (Get-Count) - $count') |
                Should -BeLessOrEqual 0
        } finally {
            Stop-TestProcess $subject
            Remove-Item $folder -Recurse -Force
        }
    }

    It 'still has its events when there are more of them to wait for than it may have descriptors' {
        Skip-WithoutLinux
        Skip-WithoutTool prlimit
        $subject = Start-Subject prlimit, '--nofile=600:600'
        try {
            # Of each socket two things are waited for: what comes, and the end. So that is 640 waits.
            Invoke-Subject $subject '$pairs = foreach ($i in 1..160) { , @(New-UnixSocketPair) }; foreach ($pair in $pairs) { foreach ($one in $pair) { foreach ($name in "DataReceived", "Closed") { $null = Register-ObjectEvent $one $name -SourceIdentifier "$name.$((++$id))" } } }; $pairs.Count' | Should -Be 160
            Invoke-Subject $subject '$pairs | ForEach-Object { "a message" | Send-SocketData $_[0] }; "$($Error.Count) $($Error | Select-Object -First 1)"' | Should -Be '0 '
            Wait-Until { 160 -eq (Invoke-Subject $subject '@(Get-Event DataReceived.*).Count') } 'a message of each pair' 60
        } finally {
            Stop-TestProcess $subject
        }
    }

    It 'loses no descriptors to messages whose descriptors nobody asks for: <What>' -ForEach @(
        @{ What = 'one pipeline'; Line = '$b | Receive-SocketData -ToEnd | ForEach-Object { $n += !$_.HandlesLost; [System.IO.File]::OpenRead("/dev/null").Dispose() }' }
        @{ What = 'a call for each'; Line = 'while ($m = $b | Receive-SocketData) { $n += !$m.HandlesLost }' }
    ) {
        Skip-WithoutLinux
        Skip-WithoutTool prlimit
        $subject = Start-Subject prlimit, '--nofile=1024:1024'
        try {
            $null = Invoke-Subject $subject '$a, $b = New-UnixSocketPair SeqPacket; $f = [System.IO.File]::OpenHandle("/dev/null"); $many = @($f) * 100'
            $null = Invoke-Subject $subject '1..40 | ForEach-Object { Send-SocketHandle $a $many }; $a.Dispose()'
            Invoke-Subject $subject "`$n = 0; $Line; `"`$n `$Error`"" | Should -Be '40 '
        } finally {
            Stop-TestProcess $subject
        }
    }

    It 'keeps a server that cannot accept from spinning, and serves who waits when it can' {
        Skip-WithoutLinux
        Skip-WithoutTool prlimit
        $subject = Start-Subject prlimit, '--nofile=400:400'
        try {
            $port = [int](Invoke-Subject $subject '$l = New-TcpSocketListener -Address 127.0.0.1; $l.LocalPort')
            $null = Invoke-Subject $subject '$job = $l | Start-SocketServer { param($s) "hello" | Send-SocketData $s }'
            $sockets = Get-SocketCount $subject
            $first = Connect-TcpSocket 127.0.0.1 $port
            ($first | Receive-SocketData -ToEnd -Timeout 120).Text | Should -Be hello
            Close-Socket $first
            Wait-Closed $subject $sockets
            $null = Invoke-Subject $subject 'Set-Full'
            $clock = [System.Diagnostics.Stopwatch]::StartNew()
            $waits = Connect-TcpSocket 127.0.0.1 $port
            Wait-Until { (Invoke-Subject $subject '$job.Error.Count') -gt 0 } 'the job to tell'
            Invoke-Subject $subject '($job.Error[0].FullyQualifiedErrorId -split ",")[0]' | Should -Be EMFILE
            Start-Sleep -Milliseconds 500
            [int](Invoke-Subject $subject '$job.Error.Count') | Should -BeLessOrEqual ($clock.Elapsed.TotalSeconds + 2) -Because 'it tries again once a second'
            $null = Invoke-Subject $subject 'Clear-Full'
            ($waits | Receive-SocketData -ToEnd -Timeout 120).Text | Should -Be hello -Because (Invoke-Subject $subject '"$($job.State) $($job.StatusMessage) $($job.Error)"')
            Close-Socket $waits
            Invoke-Subject $subject 'Remove-Job $job -Force; "removed"' | Should -Be removed
        } finally {
            Stop-TestProcess $subject
        }
    }
}

Describe 'A kernel that refuses' {
    BeforeAll {
        $subject = $null
        if ($IsLinux -and -not (Get-MissingTool strace)) {
            $folder = New-TestFolder
            $subject = Start-Subject
            $null = Invoke-Subject $subject "`$f = '$folder'; `$a, `$b = New-UnixSocketPair; `$l = New-UnixSocketListener `$f/l; `$h = [IO.File]::OpenHandle('/dev/null')"

            # Once, so that what a call loads is loaded and strace stands in nobody's way.
            $null = Invoke-Subject $subject 'Get-FirstId { "x" | Send-SocketData $a; Receive-SocketData $b }; Get-FirstId { $h | Send-SocketHandle $a; Receive-SocketHandle $b | ForEach-Object Dispose }; Get-FirstId { New-UnixSocketPair | Close-Socket }; Get-FirstId { $c = Connect-UnixSocket $f/l; $l | Receive-SocketConnection | Close-Socket; Close-Socket $c }; Get-FirstId { Get-TcpConnection -LocalPort 1 }'
        }
    }

    AfterAll {
        if ($subject) {
            Stop-TestProcess $subject
            Remove-Item $folder -Recurse -Force
        }
    }

    It 'is reported as <Id> when <Call> fails with it' -ForEach @(
        @{ Call = 'socket'; Id = 'ENFILE'; Line = 'Connect-UnixSocket $f/l' }
        @{ Call = 'socketpair'; Id = 'ENOMEM'; Line = 'New-UnixSocketPair' }
        @{ Call = 'bind'; Id = 'ENOSPC'; Line = 'New-UnixDatagramSocket $f/full' }
        @{ Call = 'bind'; Id = 'EACCES'; Line = 'New-UnixSocketListener $f/forbidden' }
        @{ Call = 'listen'; Id = 'EADDRINUSE'; Line = 'New-SeqpacketListener $f/taken' }
        @{ Call = 'sendto'; Id = 'ENOBUFS'; Line = '"x" | Send-SocketData $a' }
        @{ Call = 'sendmsg'; Id = 'ETOOMANYREFS'; Line = '$h | Send-SocketHandle $a' }
        @{ Call = 'recvmsg'; Id = 'ENOMEM'; Line = 'Receive-SocketData $b -Timeout 20' }
        @{ Call = 'accept4'; Id = 'ENFILE'; Line = '$c = Connect-UnixSocket $f/l; try { $l | Receive-SocketConnection -Timeout 20 } finally { Close-Socket $c }' }
        @{ Call = 'poll'; Id = 'ENOMEM'; Line = 'Receive-SocketData $b -Timeout 20' }
    ) {
        if (-not $subject) {
            Set-ItResult -Skipped -Because 'it takes Linux and strace'
        }
        Invoke-WithFault $subject "${Call}:error=${Id}" "Get-FirstId { $Line }" | Should -Be $Id
        $null = Invoke-Subject $subject '$l | Receive-SocketConnection -Timeout 0 | Close-Socket; $Error.Clear()'
        Invoke-Subject $subject 'Get-FirstId { "fine" | Send-SocketData $a; (Receive-SocketData $b -Timeout 5).Text }' |
            Should -Be 'ok fine' -Because 'the socket outlives the failure'
        (Get-ChildItem $folder).Name | Should -Be 'l' -Because 'no file is left by what failed'
    }

    It 'ends no event while poll fails, and no process' {
        if (-not $subject) {
            Set-ItResult -Skipped -Because 'it takes Linux and strace'
        }
        $null = Invoke-Subject $subject '$x, $y = New-UnixSocketPair; $null = Register-ObjectEvent $y DataReceived -SourceIdentifier came'
        Invoke-WithFault $subject 'poll:error=ENOMEM' '"one" | Send-SocketData $x; Start-Sleep -Milliseconds 300; "alive"' | Should -Be alive
        Invoke-Subject $subject '"two" | Send-SocketData $x; 1..2 | ForEach-Object { $e = Wait-Event came -Timeout 20; $e.SourceEventArgs.Text; $e | Remove-Event }; Unregister-Event came; Close-Socket $x, $y' | Should -Be 'one two'
    }

    It 'interrupts every call twenty times, and nobody notices' {
        if (-not $subject) {
            Set-ItResult -Skipped -Because 'it takes Linux and strace'
        }
        $faults = 'sendto', 'recvmsg', 'sendmsg', 'accept4', 'poll', 'connect' | ForEach-Object { "${_}:error=EINTR:when=1..20" }
        $line = '"ok " + $(1..30 | ForEach-Object { "m$_" | Send-SocketData $a; (Receive-SocketData $b -Timeout 20).Text; $c = Connect-UnixSocket $f/l; $l | Receive-SocketConnection -Timeout 20 | Close-Socket; Close-Socket $c; $h | Send-SocketHandle $a; Receive-SocketHandle $b -Timeout 20 | ForEach-Object Dispose }; $Error.Count)'
        Invoke-WithFault $subject $faults $line | Should -Be "ok $((1..30 | ForEach-Object { "m$_" }) -join ' ') 0"
    }
}

Describe 'Signals' {
    It 'neither end a wait nor prolong it, however many come' {
        Skip-WithoutLinux
        Skip-WithoutTool python3
        $subject = Start-Subject
        $folder = New-TestFolder
        # To each thread, every millisecond, signals that .NET handles.
        $storm = $null
        try {
            $null = Invoke-Subject $subject "`$f = '$folder'; `$a, `$b = New-UnixSocketPair; `$q = New-SeqpacketListener `$f/q -Backlog 1; `$waiting = 1..2 | ForEach-Object { Connect-SeqpacketSocket `$f/q }; `$u = New-UnixDatagramSocket; `$full = New-UnixDatagramSocket `$f/full; Get-FirstId { while (`$true) { 'x' | Send-SocketData `$u -To `$f/full -Timeout 0 -ErrorAction Stop } }"
            $storm = Start-TestProcess python3 '-c', @'
import ctypes, os, signal, sys, time
libc = ctypes.CDLL(None); pid = int(sys.argv[1]); n = 0
print("ready", flush=True)
while True:
    try:
        for tid in os.listdir(f"/proc/{pid}/task"):
            for s in (signal.SIGWINCH, signal.SIGCONT, signal.SIGCHLD):
                libc.syscall(234, pid, int(tid), int(s)); n += 1
    except FileNotFoundError: break
    time.sleep(0.001)
'@, $subject.Id
            if ([System.Runtime.InteropServices.RuntimeInformation]::ProcessArchitecture -ne 'X64') {
                Set-ItResult -Skipped -Because 'the number of tgkill is that of x64'
            }
            $storm.StandardOutput.ReadLine() | Should -Be ready
            foreach ($wait in 'Receive-SocketData $b -Timeout 0.5', 'Connect-SeqpacketSocket $f/q -Timeout 0.5', '"x" | Send-SocketData $u -To $f/full -Timeout 0.5', '$null | Out-Null; Receive-SocketHandle $b -Timeout 0.5') {
                $id, $seconds = (Invoke-Subject $subject "`$w = [Diagnostics.Stopwatch]::StartNew(); `$id = Get-FirstId { $wait }; `"`$id `$(`$w.Elapsed.TotalSeconds.ToString([cultureinfo]::InvariantCulture))`"") -split ' '
                $id | Should -Be Timeout -Because $wait
                [double]$seconds | Should -BeGreaterOrEqual 0.49 -Because $wait
                [double]$seconds | Should -BeLessThan 20 -Because $wait
            }
        } finally {
            Stop-TestProcess $storm
            Stop-TestProcess $subject
            Remove-Item $folder -Recurse -Force
        }
    }
}

Describe 'A wall clock that jumps' {
    It 'changes no wait' {
        Skip-WithoutLinux
        $library = Get-Item /usr/lib/*/faketime/libfaketimeMT.so.1 -ErrorAction Ignore | Select-Object -First 1
        if (-not $library) {
            Set-ItResult -Skipped -Because 'not installed: libfaketime'
        }
        $clock = Join-Path $TestDrive clock
        '+0' | Set-Content $clock
        $subject = Start-Subject env, "LD_PRELOAD=$library", "FAKETIME_TIMESTAMP_FILE=$clock", 'FAKETIME_NO_CACHE=1', 'FAKETIME_DONT_FAKE_MONOTONIC=1', 'FAKETIME_DONT_RESET=1'
        try {
            $null = Invoke-Subject $subject '$a, $b = New-UnixSocketPair'
            $year = [int](Invoke-Subject $subject '[datetime]::UtcNow.Year')
            foreach ($jump in '+3650d') {
                $subject.StandardInput.WriteLine('$w = [Diagnostics.Stopwatch]::StartNew(); $id = Get-FirstId { Receive-SocketData $b -Timeout 8 }; "$id $($w.Elapsed.TotalSeconds.ToString([cultureinfo]::InvariantCulture)) $([datetime]::UtcNow.Year)"')
                Start-Sleep -Milliseconds 300
                $jump | Set-Content $clock
                $id, $seconds, $now = $subject.StandardOutput.ReadLine() -split ' '
                $id | Should -Be Timeout
                [double]$seconds | Should -BeGreaterOrEqual 7.99
                [double]$seconds | Should -BeLessThan 20
                [int]$now | Should -Not -Be $year -Because 'the clock did jump'
            }
        } finally {
            Stop-TestProcess $subject
        }
    }
}

Describe 'A disk without room' {
    It 'gives ENOSPC, and nothing is left open' {
        Skip-WithoutLinux
        if ((id -u) -ne 0) {
            Set-ItResult -Skipped -Because 'it takes root to mount a small file system'
        }
        $folder = New-TestFolder
        mount -t tmpfs -o 'size=4k,nr_inodes=1' none $folder 2>$null
        if ($LASTEXITCODE) {
            Set-ItResult -Skipped -Because 'mounting is not allowed here'
        }
        try {
            $open = { @(Get-ChildItem /proc/self/fd | Where-Object Target -NotLike '*.dll').Count }
            $before = & $open
            # Whoever runs the tests may have set another one.
            $ErrorActionPreference = 'Continue'
            foreach ($make in { New-UnixDatagramSocket "$folder/d" }, { New-SeqpacketListener "$folder/q" }, { New-UnixSocketListener "$folder/u" }) {
                & $make 2>&1 | ForEach-Object FullyQualifiedErrorId | Should -BeLike 'ENOSPC,*'
            }
            Get-ChildItem $folder | Should -BeNullOrEmpty
            & $open | Should -BeLessOrEqual $before
        } finally {
            umount $folder
            Remove-Item $folder -Recurse -Force
        }
    }
}

Describe 'A peer that is killed' {
    BeforeAll {
        # A peer in Python that says when it is where it should be, and stays there.
        function Start-Peer([string]$Program, [string[]]$ArgumentList) {
            $process = Start-TestProcess python3 (@('-c', "import os, socket, sys, time, array`n$Program`nprint('there', flush=True); time.sleep(600)") + $ArgumentList)
            $process.StandardOutput.ReadLine() | Should -Be 'there'
            $process
        }

        # Kills it; what it had is gone when this returns.
        function Stop-Peer {
            $peer.Kill()
            $null = $peer.WaitForExit(20000)
        }

        function Get-Id([scriptblock]$Script) {
            # Whoever runs the tests may have set another one.
            $ErrorActionPreference = 'Continue'
            $errors = @(& $Script 2>&1 | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] })
            ($errors.FullyQualifiedErrorId -split ',')[0]
        }
    }

    BeforeEach {
        $folder = New-TestFolder
        $peer = $null
        $pipeline = $null
    }

    AfterEach {
        Stop-TestProcess $peer
        Remove-Item $folder -Recurse -Force
    }

    It 'before it is accepted' {
        Skip-WithoutTool python3
        $listener = New-UnixSocketListener "$folder/l"
        $peer = Start-Peer 's=socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.send(b"last words")' "$folder/l"
        Stop-Peer
        $socket = $listener | Receive-SocketConnection -Timeout 20
        ($socket | Receive-SocketData -ToEnd -Timeout 20).Text | Should -Be 'last words'
        Get-Id { 'x' | Send-SocketData $socket } | Should -Be EPIPE
        Close-Socket $socket, $listener
    }

    It 'while this side waits for <What>' -ForEach @(
        @{ What = 'a message'; Wait = { param($s) Receive-SocketData $s -Timeout 20 } }
        @{ What = 'a line'; Wait = { param($s) Receive-SocketData $s -Line -Timeout 20 } }
        @{ What = 'a thousand bytes'; Wait = { param($s) Receive-SocketData $s -ByteCount 1000 -Timeout 20 } }
        @{ What = 'a descriptor'; Wait = { param($s) Receive-SocketHandle $s -Timeout 20 } }
        @{ What = 'room to send'; Wait = { param($s) Send-SocketData $s -InputObject ([string]::new('x', 20MB)) -Timeout 20 } }
        @{ What = 'a TLS handshake'; Wait = { param($s) Protect-Socket $s -TargetHost x -SkipCertificateCheck -Timeout 20 } }
    ) {
        Skip-WithoutTool python3
        $listener = New-UnixSocketListener "$folder/l"
        $peer = Start-Peer 's=socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])' "$folder/l"
        $socket = $listener | Receive-SocketConnection -Timeout 20
        $pipeline = Start-TestPipeline $Wait $socket
        Start-Sleep -Milliseconds 200
        $pipeline.Handle.IsCompleted | Should -BeFalse -Because 'it must wait'
        Stop-Peer
        $result = Wait-TestPipeline $pipeline
        $result.Output | Should -BeNullOrEmpty
        foreach ($failure in $result.Errors) {
            ($failure.FullyQualifiedErrorId -split ',')[0] | Should -BeIn EPIPE, ECONNRESET, TlsFailed, TLS, EBADF
        }
        if ($What -in 'room to send', 'a TLS handshake') {
            $result.Errors.Count | Should -Be 1
        }
        Close-Socket $socket, $listener
    }

    It 'after it sent a descriptor that nobody had received yet' {
        Skip-WithoutTool python3
        $listener = New-SeqpacketListener "$folder/l"
        $peer = Start-Peer 's=socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.connect(sys.argv[1]); r,w=os.pipe(); os.write(w,b"inherited"); socket.send_fds(s,[b"x"],[r]); os.close(w)' "$folder/l"
        $socket = $listener | Receive-SocketConnection -Timeout 20
        Stop-Peer
        $handle = $socket | Receive-SocketHandle -Timeout 20
        $stream = [System.IO.FileStream]::new($handle, 'Read')
        [System.IO.StreamReader]::new($stream).ReadToEnd() | Should -Be inherited
        $stream.Dispose()
        Get-Id { Receive-SocketHandle $socket -Timeout 20 } | Should -BeNullOrEmpty -Because 'the end is no error'
        Close-Socket $socket, $listener
    }

    It 'and was the server that this side is connecting to' {
        Skip-WithoutTool python3
        $peer = Start-Peer 's=socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.bind(sys.argv[1]); s.listen(0)' "$folder/l"
        $first = Connect-SeqpacketSocket "$folder/l"
        $pipeline = Start-TestPipeline { param($path) Connect-SeqpacketSocket $path -Timeout 20 } "$folder/l"
        Start-Sleep -Milliseconds 200
        $pipeline.Handle.IsCompleted | Should -BeFalse -Because 'the queue is full'
        Stop-Peer
        ((Wait-TestPipeline $pipeline).Errors.FullyQualifiedErrorId -split ',')[0] | Should -BeIn ECONNREFUSED, ECONNRESET
        Get-Id { 'x' | Send-SocketData $first } | Should -BeIn EPIPE, ECONNRESET
        Close-Socket $first
    }

    It 'and was the receiver of datagrams, with a full queue' {
        Skip-WithoutTool python3
        $peer = Start-Peer 's=socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(sys.argv[1])' "$folder/d"
        $from = New-UnixDatagramSocket
        $pipeline = Start-TestPipeline { param($s, $to) 1..1000 | ForEach-Object { "$_" | Send-SocketData $s -To $to -Timeout 20 -ErrorAction Stop } } $from, "$folder/d"
        Start-Sleep -Milliseconds 300
        $pipeline.Handle.IsCompleted | Should -BeFalse -Because 'the queue is full'
        Stop-Peer
        Wait-Until { $pipeline.Handle.IsCompleted } 'the sender to notice'
        try {
            $pipeline.Shell.EndInvoke($pipeline.Handle)
        } catch {
            ($_.Exception.InnerException.ErrorRecord.FullyQualifiedErrorId -split ',')[0] | Should -Be ECONNREFUSED
        }
        $pipeline.Shell.Streams.Error.Count + [int]$pipeline.Shell.HadErrors | Should -BeGreaterThan 0
        $pipeline.Shell.Dispose()
        Close-Socket $from
    }
}
