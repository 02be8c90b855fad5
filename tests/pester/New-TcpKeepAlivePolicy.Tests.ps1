BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-Module (Join-Path $PSScriptRoot 'PolicyTest.psm1')
    Import-Module (Join-Path $PSScriptRoot 'StreamTest.psm1')
    Import-TestModule
    $script:prefix = "t$PID"
    $script:module = Get-TestManifest

    # A listener on loopback that accepts and says nothing.
    function Start-SilentListener {
        $listener = [System.Net.Sockets.TcpListener]::new([ipaddress]::Loopback, 0)
        $listener.Start()
        $listener
    }

    # The keep-alive timer of a connection to a port, in seconds, as ss has it; nothing where none runs.
    function Get-SsTimer([int]$RemotePort) {
        $line = ss -tnoH state established "dport = :$RemotePort" | Select-Object -Last 1
        if ($line -match 'timer:\(keepalive,(?:(?<m>\d+)min)?(?:(?<s>\d+)(?:\.\d+)?sec)?') {
            60 * [int]($Matches['m'] ?? 0) + [int]($Matches['s'] ?? 0)
        }
    }
}

Describe 'New-TcpKeepAlivePolicy' -Skip:(-not $IsLinux) {
    BeforeEach {
        $script:group = $null
        Skip-WithoutPolicy python3
        $script:group = New-TestGroup
    }

    AfterEach {
        Remove-TestPolicy "$prefix-*"
        Remove-TestGroup $group
    }

    It 'sets all five options at both ends of <Name> before the program sees them' -ForEach @(
        @{ Name = 'an IPv4 connection'; Pair = "pair(socket.AF_INET, '127.0.0.1')" }
        @{ Name = 'an IPv6 connection'; Pair = "pair(socket.AF_INET6, '::1')" }
        @{ Name = 'an IPv4 connection to a dual-stack listener'; Pair = "pair(socket.AF_INET6, '::', '127.0.0.1')" }
        @{ Name = 'an IPv4-mapped connection of an IPv6 socket'; Pair = "pair(socket.AF_INET6, '::', '::ffff:127.0.0.1')" }
    ) {
        $policy = New-TcpKeepAlivePolicy "$prefix-all" -ControlGroup $group -IdleTime 30 -Interval 5 -ProbeCount 4 -UserTimeout 20
        Invoke-Pair $group "c, s = $Pair`nshow('client', c); show('server', s)" | Should -Be 'client 1 30 5 4 20000', 'server 1 30 5 4 20000'
        $policy.ConnectionCount | Should -Be 2
        $policy.FailureCount | Should -Be 0
    }

    It 'leaves alone what is not named, and connections of other groups' {
        $policy = New-TcpKeepAlivePolicy "$prefix-some" -ControlGroup $group -Interval 7 -UserTimeout 0 -WarningVariable warnings -WarningAction SilentlyContinue
        $warnings | Should -HaveCount 1 -Because 'the idle time stays at two hours'
        Invoke-Pair $group "c, s = pair(socket.AF_INET, '127.0.0.1', before=lambda c: c.setsockopt(6, 18, 999))`nshow('client', c)" | Should -Be 'client 1 7200 7 9 0'
        $other = New-TestGroup
        try {
            Invoke-Pair $other "c, s = pair(socket.AF_INET, '127.0.0.1')`nshow('client', c)" | Should -Be 'client 0 7200 75 9 0'
        } finally {
            Remove-TestGroup $other
        }
        $policy.ConnectionCount | Should -Be 2
    }

    It 'leaves alone what a program turned on before, but for -Override' {
        $on = 'lambda s: s.setsockopt(1, 9, 1)'
        $program = "c, s = pair(socket.AF_INET, '127.0.0.1', before=$on)`nshow('connected', c); show('accepted', s)`nc, s = pair(socket.AF_INET, '127.0.0.1', listening=$on)`nshow('connected', c); show('accepted', s)"
        $policy = New-TcpKeepAlivePolicy "$prefix-polite" -ControlGroup $group -IdleTime 30
        Invoke-Pair $group $program | Should -Be 'connected 1 7200 75 9 0', 'accepted 1 30 75 9 0', 'connected 1 30 75 9 0', 'accepted 1 7200 75 9 0'
        $policy.ConnectionCount | Should -Be 2
        $policy | Remove-TcpKeepAlivePolicy
        $policy = New-TcpKeepAlivePolicy "$prefix-strict" -ControlGroup $group -IdleTime 30 -Override
        Invoke-Pair $group $program | Should -Be 'connected 1 30 75 9 0', 'accepted 1 30 75 9 0', 'connected 1 30 75 9 0', 'accepted 1 30 75 9 0'
        $policy.ConnectionCount | Should -Be 4
    }

    It 'is for connections of one direction with -Direction <Direction>' -ForEach @(
        @{ Direction = 'Inbound'; Shown = 'client 0 7200 75 9 0', 'server 1 30 75 9 0' }
        @{ Direction = 'Outbound'; Shown = 'client 1 30 75 9 0', 'server 0 7200 75 9 0' }
    ) {
        $policy = New-TcpKeepAlivePolicy "$prefix-way" -ControlGroup $group -IdleTime 30 -Direction $Direction
        Invoke-Pair $group "c, s = pair(socket.AF_INET, '127.0.0.1')`nshow('client', c); show('server', s)" | Should -Be $Shown
        $policy.ConnectionCount | Should -Be 1
    }

    It 'is for ports up to the last and not beyond, with -<Parameter>' -ForEach @(
        @{ Parameter = 'RemotePort'; Direction = 'Outbound'; End = 'c' }
        @{ Parameter = 'LocalPort'; Direction = 'Inbound'; End = 's' }
    ) {
        # Two ports that the kernel chose; the range begins at the lower and ends before the higher.
        $process = Start-InGroup $group python3 '-c', @"
import socket, sys
listeners = sorted((socket.create_server(('127.0.0.1', 0)) for i in range(2)), key=lambda l: l.getsockname()[1])
print(*[l.getsockname()[1] for l in listeners], flush=True)
sys.stdin.readline()
for l in listeners:
    c = socket.create_connection(l.getsockname()); s, _ = l.accept()
    print($End.getsockopt(1, 9), flush=True)
"@
        try {
            $low, $high = [int[]]($process.StandardOutput.ReadLine() -split ' ')
            $ports = @{ $Parameter = "$low-$($high - 1)" }
            $policy = New-TcpKeepAlivePolicy "$prefix-port" -ControlGroup $group -IdleTime 30 -Direction $Direction @ports
            $policy.$Parameter | Should -Be ($low -eq $high - 1 ? "$low" : "$low-$($high - 1)")
            $process.StandardInput.WriteLine()
            $process.StandardOutput.ReadToEnd() -split "`n" | Select-Object -First 2 | Should -Be '1', '0'
            $policy.ConnectionCount | Should -Be 1
        } finally {
            Stop-TestProcess $process
        }
    }

    It 'is for the addresses of a network up to its last and not beyond: <Network>' -ForEach @(
        @{ Network = '127.0.0.0/30'; Inside = "pair(socket.AF_INET, '127.0.0.3')"; Outside = "pair(socket.AF_INET, '127.0.0.4')" }
        @{ Network = '127.0.0.0/30'; Inside = "pair(socket.AF_INET6, '::', '::ffff:127.0.0.3')"; Outside = "pair(socket.AF_INET6, '::', '::ffff:127.0.0.4')" }
        @{ Network = '127.0.0.7'; Inside = "pair(socket.AF_INET, '127.0.0.7')"; Outside = "pair(socket.AF_INET, '127.0.0.6')" }
        @{ Network = '::/127'; Inside = "pair(socket.AF_INET6, '::1')"; Outside = "pair(socket.AF_INET, '127.0.0.1')" }
        @{ Network = '::/0'; Inside = "pair(socket.AF_INET6, '::1')"; Outside = "pair(socket.AF_INET6, '::', '::ffff:127.0.0.1')" }
        @{ Network = '0.0.0.0/0'; Inside = "pair(socket.AF_INET, '127.0.0.1')"; Outside = "pair(socket.AF_INET6, '::1')" }
        @{ Network = '::2/127', '127.0.0.6/31'; Inside = "pair(socket.AF_INET, '127.0.0.7')"; Outside = "pair(socket.AF_INET6, '::1')" }
    ) {
        $policy = New-TcpKeepAlivePolicy "$prefix-net" -ControlGroup $group -IdleTime 30 -Direction Outbound -RemoteAddress $Network
        Invoke-Pair $group "c, s = $Inside`nshow('in', c)`nc, s = $Outside`nshow('out', c)" | Should -Be 'in 1 30 75 9 0', 'out 0 7200 75 9 0'
        $policy.ConnectionCount | Should -Be 1
    }

    It 'takes 4096 networks and no more' {
        $networks = 0..4095 | ForEach-Object { "10.$($_ -shr 4).$(($_ -band 15) * 16).0/20" }
        $policy = New-TcpKeepAlivePolicy "$prefix-many" -ControlGroup $group -IdleTime 30 -RemoteAddress ($networks | ForEach-Object { $_ })
        $policy.RemoteAddress.Count | Should -Be 4096
        (Get-TcpKeepAlivePolicy "$prefix-many").RemoteAddress.Count | Should -Be 4096
        $null = New-TcpKeepAlivePolicy "$prefix-more" -ControlGroup $group -IdleTime 30 -RemoteAddress ($networks + '192.0.2.1') -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed[0] | Should -Match '^-RemoteAddress: .*4096'
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'EINVAL,*'
    }

    It 'lets the inner, then the earlier win, and with -Override the outer, then the later' {
        $inner = New-TestGroup "$(Split-Path $group -Leaf)/inner"
        $program = "c, s = pair(socket.AF_INET, '127.0.0.1')`nshow('c', c)"
        $order = @(
            @{ Group = $group; IdleTime = 40 }
            @{ Group = $inner; IdleTime = 10 }
            @{ Group = $inner; IdleTime = 20 }
            @{ Group = $group; IdleTime = 30 }
        )
        # Keep-alive policies: the first that the kernel runs wins.
        $policies = foreach ($one in $order) {
            New-TcpKeepAlivePolicy "$prefix-$($one.IdleTime)" -ControlGroup $one.Group -IdleTime $one.IdleTime
        }
        Invoke-Pair $inner $program | Should -Be 'c 1 10 75 9 0'
        Invoke-Pair $group $program | Should -Be 'c 1 40 75 9 0'
        $policies | Remove-TcpKeepAlivePolicy
        # The last that it runs has the last word.
        $policies = foreach ($one in $order) {
            New-TcpKeepAlivePolicy "$prefix-$($one.IdleTime)" -ControlGroup $one.Group -IdleTime $one.IdleTime -Override
        }
        Invoke-Pair $inner $program | Should -Be 'c 1 30 75 9 0'
        $policies[3] | Remove-TcpKeepAlivePolicy
        Invoke-Pair $inner $program | Should -Be 'c 1 40 75 9 0'
        $policies[0] | Remove-TcpKeepAlivePolicy
        Invoke-Pair $inner $program | Should -Be 'c 1 20 75 9 0'
    }

    It 'gives <Name>, unmodified, the timer at once and again when it reconnects' -ForEach @(
        @{ Name = 'psql'; Longest = $null; Arguments = { '-h', '127.0.0.1', '-p', $port, 'keepalives=0 user=x dbname=x' } }
        # This one sets 15 s itself once it is connected, which comes after the policy.
        @{ Name = 'redis-cli'; Longest = 15; Arguments = { '-h', '127.0.0.1', '-p', $port, 'PING' } }
        @{ Name = 'ssh'; Arguments = { '-F', 'none', '-o', 'TCPKeepAlive=no', '-p', $port, 'nobody@127.0.0.1' } }
        @{ Name = 'curl'; Arguments = { '-s', '--no-keepalive', "http://127.0.0.1:$port/" } }
        @{ Name = 'python3'; Arguments = { '-c', "import socket; socket.create_connection(('127.0.0.1', $port)).recv(1)" } }
        @{ Name = 'node'; Arguments = { '-e', "require('net').connect($port, '127.0.0.1')" } }
    ) {
        Skip-WithoutTool $Name, 'ss'
        $policy = New-TcpKeepAlivePolicy "$prefix-real" -ControlGroup $group -IdleTime 90 -Override
        $listener = Start-SilentListener
        try {
            $port = $listener.LocalEndpoint.Port
            foreach ($time in 1, 2) {
                $process = Start-InGroup $group $Name ([string[]](& $Arguments))
                try {
                    Wait-Until { Get-TcpConnection -RemotePort $port -State Established } "$Name"
                    # While its first bytes are not acknowledged there is another timer, and what it sets itself it sets later.
                    Wait-Until { ($script:timer = Get-SsTimer $port) -and $script:timer -le ($Longest ?? 90) } "the timer of $Name"
                    $timer | Should -BeGreaterThan 0
                    $timer | Should -BeLessOrEqual ($Longest ?? 90)
                    $policy.ConnectionCount | Should -Be $time
                } finally {
                    Stop-TestProcess $process
                    Wait-Until { -not (Get-TcpConnection -RemotePort $port -State Established) } "the end of $Name"
                }
            }
        } finally {
            $listener.Stop()
        }
    }

    It 'sets what a redis-server accepts, before its own settings' {
        Skip-WithoutTool redis-server
        $port = Get-FreePort
        $policy = New-TcpKeepAlivePolicy "$prefix-redis" -ControlGroup $group -IdleTime 90 -Direction Inbound
        $server = Start-InGroup $group redis-server '--port', $port, '--bind', '127.0.0.1', '--save', '', '--tcp-keepalive', '0'
        try {
            Wait-Until { Get-TcpConnection -LocalPort $port -State Listen } 'redis-server'
            $client = [System.Net.Sockets.TcpClient]::new('127.0.0.1', $port)
            # The settings are seen once redis has accepted it.
            Wait-Until { ($script:accepted = Get-TcpConnection -LocalPort $port -State Established -KeepAlive).KeepAlive } 'redis to accept'
            $policy.ConnectionCount | Should -Be 1
            $accepted.KeepAlive.Enabled | Should -BeTrue
            $accepted.KeepAlive.IdleTime | Should -Be ([timespan]'00:01:30')
            $client.Dispose()
        } finally {
            Stop-TestProcess $server
        }
    }

    It 'sets what an MPTCP listener accepts from a plain client, and Multipath connections' {
        $program = @'
def listening(l): pass
try:
    c, s = pair(socket.AF_INET, '127.0.0.1', type=262)
except OSError as e:
    print('none', e); sys.exit()
show('client', c)
print('server', s.getsockopt(1, 9), flush=True)
'@
        $policy = New-TcpKeepAlivePolicy "$prefix-mptcp" -ControlGroup $group -DetectWithin 60
        $shown = Invoke-Pair $group $program
        if ($shown -like 'none*') {
            Set-ItResult -Skipped -Because "no Multipath TCP: $shown"
        }
        $shown[0] | Should -Be 'client 1 30 10 3 60000'
        $shown[1] | Should -Be 'server 1'
        $policy.ConnectionCount | Should -Be 2
        $policy.FailureCount | Should -Be 0
    }

    It 'has a dead peer noticed within a second of the prediction' {
        Skip-WithoutTool unshare, ip
        $policy = New-TcpKeepAlivePolicy "$prefix-dead" -ControlGroup $group -IdleTime 2 -Interval 1 -ProbeCount 2
        $policy.KeepAlive.DetectionTime | Should -Be ([timespan]'00:00:04')
        $program = @'
import time, subprocess
earliest = time.monotonic()
c, s = pair(socket.AF_INET, '127.0.0.1')
subprocess.run(['ip', 'link', 'set', 'lo', 'down'], check=True)
begun = time.monotonic()
c.settimeout(20)
try:
    c.recv(1)
except OSError as e:
    now = time.monotonic()
    print(e.errno, now - earliest, now - begun)
'@
        $way = Invoke-InGroup $group unshare '--net', 'sh', '-c', 'ip link set lo up && exec python3 -c "$0"', "$((Get-Module PolicyTest).Invoke({ $script:pairs }))`n$program"
        if ($LASTEXITCODE -ne 0) {
            Set-ItResult -Skipped -Because "no network namespace can be made: $way"
        }
        $number, $sinceBefore, $seconds = $way -split ' '
        $number | Should -Be 110 -Because 'that is ETIMEDOUT'
        # The last that was heard of the peer was heard after the first of these, and before the second.
        [double]$sinceBefore | Should -BeGreaterOrEqual 3.9
        [double]$seconds | Should -BeLessThan 15 -Because 'without the policy it takes hours'
    }

    It 'is for the group of a process, with -ProcessId' {
        $process = Start-InGroup $group sleep '60'
        try {
            Wait-Until { (Get-Content "$group/cgroup.procs") -eq $process.Id } 'the process in its group'
            $policy = New-TcpKeepAlivePolicy "$prefix-process" -ProcessId $process.Id -IdleTime 30
            $policy.ControlGroup | Should -Be $group
        } finally {
            Stop-TestProcess $process
        }
        foreach ($id in 1, $PID) {
            if ((Get-Content "/proc/$id/cgroup") -contains '0::/') {
                New-TcpKeepAlivePolicy "$prefix-root" -ProcessId $id -IdleTime 30 -ErrorVariable failed -ErrorAction SilentlyContinue
                $failed[0] | Should -Match 'whole system'
            }
        }
        New-TcpKeepAlivePolicy "$prefix-root" -ProcessId ([int]::MaxValue) -IdleTime 30 -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'ESRCH,*'
    }

    It 'is for what a listener accepts that was made in the group, whoever accepts' {
        $policy = New-TcpKeepAlivePolicy "$prefix-listener" -ControlGroup $group -IdleTime 30 -Direction Inbound
        # Twice it enters the group: after its first listener, and before its second.
        python3 -c @"
import os, socket
before = socket.create_server(('127.0.0.1', 0))
open('$group/cgroup.procs', 'w').write(str(os.getpid()))
after = socket.create_server(('127.0.0.1', 0))
for l in before, after:
    c = socket.create_connection(l.getsockname()); s, _ = l.accept()
    print(s.getsockopt(1, 9))
"@ | Should -Be '0', '1'
    }

    It 'is for the whole system without a group' {
        $process = Start-TestProcess python3 '-c', @'
import socket, sys
l = socket.create_server(('127.0.0.1', 0)); print(l.getsockname()[1], flush=True)
sys.stdin.readline()
c = socket.create_connection(l.getsockname()); print(c.getsockopt(1, 9), c.getsockopt(6, 4), flush=True)
'@
        try {
            $port = [int]$process.StandardOutput.ReadLine()
            $policy = New-TcpKeepAlivePolicy "$prefix-system" -IdleTime 30 -RemotePort $port
            $policy.ControlGroup | Should -Be (Get-TestGroupRoot)
            $process.StandardInput.WriteLine()
            $process.StandardOutput.ReadLine() | Should -Be '1 30'
            $policy.ConnectionCount | Should -Be 1
        } finally {
            Stop-TestProcess $process
        }
    }

    It 'sets the live connections too with -IncludeExisting' {
        $process = Start-InGroup $group python3 '-c', @'
import socket, sys
l = socket.create_server(('127.0.0.1', 0))
a = socket.create_connection(l.getsockname()); b, _ = l.accept()
c = socket.create_connection(l.getsockname()); d, _ = l.accept()
c.setsockopt(1, 9, 1)
print('ready', flush=True)
for line in sys.stdin:
    print(*[f'{x.getsockopt(1, 9)}/{x.getsockopt(6, 4)}' for x in (a, b, c, d)], flush=True)
'@
        try {
            $null = $process.StandardOutput.ReadLine()
            $policy = New-TcpKeepAlivePolicy "$prefix-live" -ControlGroup $group -IdleTime 30 -Direction Outbound -IncludeExisting
            $process.StandardInput.WriteLine()
            $process.StandardOutput.ReadLine() | Should -Be '1/30 0/7200 1/7200 0/7200'
            $policy.ConnectionCount | Should -Be 1
            $policy = New-TcpKeepAlivePolicy "$prefix-more" -ControlGroup $group -IdleTime 40 -Override -IncludeExisting
            $process.StandardInput.WriteLine()
            $process.StandardOutput.ReadLine() | Should -Be '1/40 1/40 1/40 1/40'
            $policy.ConnectionCount | Should -Be 4
            (Get-TcpKeepAlivePolicy "$prefix-more").ConnectionCount | Should -Be 4
        } finally {
            Stop-TestProcess $process
        }
    }

    It 'counts every connection' {
        $policy = New-TcpKeepAlivePolicy "$prefix-count" -ControlGroup $group -IdleTime 30
        Invoke-InGroup $group python3 '-c', @'
import socket, threading
l = socket.create_server(('127.0.0.1', 0), backlog=4096)
def connect():
    for i in range(500):
        socket.create_connection(l.getsockname()).close()
threads = [threading.Thread(target=connect) for i in range(4)]
for t in threads: t.start()
for i in range(2000): l.accept()[0].close()
for t in threads: t.join()
'@
        $policy.ConnectionCount | Should -Be 4000
        $policy.FailureCount | Should -Be 0
    }

    It 'gives the next free name, and no name twice' {
        $first = New-TcpKeepAlivePolicy -ControlGroup $group -IdleTime 30
        $second = New-TcpKeepAlivePolicy -ControlGroup $group -IdleTime 30
        try {
            $first.PolicyName, $second.PolicyName | Should -Match '^policy-\d+$'
            $first.PolicyName | Should -Not -Be $second.PolicyName
            New-TcpKeepAlivePolicy $first.PolicyName -ControlGroup $group -IdleTime 30 -ErrorVariable failed -ErrorAction SilentlyContinue
            $failed[0].FullyQualifiedErrorId | Should -BeLike 'EEXIST,*'
            $failed[0].CategoryInfo.Category | Should -Be ResourceExists
        } finally {
            $first, $second | Remove-TcpKeepAlivePolicy
        }
        # At the same moment too.
        $many = 1..8 | ForEach-Object -Parallel {
            Import-Module $using:module
            New-TcpKeepAlivePolicy "$using:prefix-same" -ControlGroup $using:group -IdleTime 30 -ErrorAction SilentlyContinue
        } -ThrottleLimit 8
        @($many) | Should -HaveCount 1
        $many | Remove-TcpKeepAlivePolicy
        $many = 1..8 | ForEach-Object -Parallel {
            Import-Module $using:module
            New-TcpKeepAlivePolicy -ControlGroup $using:group -IdleTime 30
        } -ThrottleLimit 8
        $many.PolicyName | Sort-Object -Unique | Should -HaveCount 8
        $many | Remove-TcpKeepAlivePolicy
    }

    It 'waits for who makes or changes one at the same time' {
        # The lock is the whole system's: other tests of policies take it too, and one that waits 10 s for it gives up.
        foreach ($round in 1..5) {
            $holder = Start-TestProcess python3 '-c', @'
import fcntl, random, sys, time
f = open('/proc/sys/kernel/cad_pid')
while True:
    try:
        fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
        break
    except BlockingIOError:
        time.sleep(random.uniform(0.001, 0.02))
print('held', flush=True)
sys.stdin.readline()
'@
            $shell = [powershell]::Create()
            try {
                $null = $shell.AddScript("Import-Module '$module'").Invoke()
                $shell.Commands.Clear()
                $null = $shell.AddScript("New-TcpKeepAlivePolicy '$prefix-wait' -ControlGroup '$group' -IdleTime 30")
                $holder.StandardOutput.ReadLine() | Should -Be held
                $run = $shell.BeginInvoke()
                $run.AsyncWaitHandle.WaitOne(1000) | Should -BeFalse
                Get-TcpKeepAlivePolicy "$prefix-wait*" | Should -BeNullOrEmpty
                $holder.StandardInput.WriteLine()
                $run.AsyncWaitHandle.WaitOne(60000) | Should -BeTrue
                $made = $shell.EndInvoke($run)
                if ($shell.Streams.Error.FullyQualifiedErrorId -notlike 'Timeout,*') {
                    break
                }
            } finally {
                Stop-TestProcess $holder
                $shell.Dispose()
            }
        }
        $made.PolicyName | Should -Be "$prefix-wait"
    }

    It 'refuses a name that is <Why>' -ForEach @(
        @{ Name = 'a/b'; Why = 'a path' }
        @{ Name = '../x'; Why = 'a way up' }
        @{ Name = 'a b'; Why = 'two words' }
        @{ Name = 'x' * 64; Why = 'too long' }
    ) {
        New-TcpKeepAlivePolicy $Name -ControlGroup $group -IdleTime 30 -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'EINVAL,*'
        $failed[0] | Should -Match '^-Name: .*63'
        New-TcpKeepAlivePolicy $Name -ControlGroup $group -IdleTime 30 -WhatIf -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'EINVAL,*' -Because '-WhatIf does not promise what is refused'
    }

    It 'names what is wrong with <Parameter> <Value>' -ForEach @(
        @{ Parameter = 'RemotePort'; Value = '65536' }
        @{ Parameter = 'LocalPort'; Value = '20-10' }
        @{ Parameter = 'RemoteAddress'; Value = '10.0.0.0/33' }
        @{ Parameter = 'RemoteAddress'; Value = 'localhost' }
        @{ Parameter = 'ControlGroup'; Value = '/no/such/group' }
        @{ Parameter = 'ControlGroup'; Value = '/tmp' }
    ) {
        $arguments = @{ ControlGroup = $group }
        $arguments[$Parameter] = $Value
        New-TcpKeepAlivePolicy "$prefix-bad" -IdleTime 30 @arguments -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failed | Should -HaveCount 1
        $failed[0] | Should -Match ([regex]::Escape($Value))
    }

    It 'asks for a setting, and does nothing with -WhatIf' {
        { New-TcpKeepAlivePolicy "$prefix-none" -ControlGroup $group } | Should -Throw -ErrorId 'EINVAL,*'
        New-TcpKeepAlivePolicy "$prefix-whatif" -ControlGroup $group -IdleTime 30 -WhatIf
        Get-TcpKeepAlivePolicy "$prefix-whatif*" | Should -BeNullOrEmpty
    }

    It 'says with -Verbose, as with -WhatIf, for which connections and for how long' {
        $said = New-TcpKeepAlivePolicy "$prefix-words" -ControlGroup $group -IdleTime 30 -RemotePort 5432, 80-90 -Direction Outbound -Override -Verbose 4>&1 |
            Where-Object { $_ -is [System.Management.Automation.VerboseRecord] }
        Remove-TcpKeepAlivePolicy "$prefix-words"
        "$said" | Should -BeLike "*the keep-alive policy $prefix-words: idle time 30 s; Outbound; remote port 5432, 80-90; also where the program has set its own*"
    }

    It 'says so where another tool holds the group exclusively' {
        $process = Start-TestProcess python3 '-c', @"
import ctypes, os, struct, sys, platform
libc = ctypes.CDLL(None, use_errno=True)
number = 321 if platform.machine() == 'x86_64' else 280
code = ctypes.create_string_buffer(struct.pack('<BBhi', 0xb7, 0, 0, 1) + struct.pack('<BBhi', 0x95, 0, 0, 0))
gpl = ctypes.create_string_buffer(b'GPL')
name = b'theirs'.ljust(16, b'\0')
load = struct.pack('<IIQQIIQII16sII', 13, 2, ctypes.addressof(code), ctypes.addressof(gpl), 0, 0, 0, 0, 0, name, 0, 3)
program = libc.syscall(number, 5, ctypes.create_string_buffer(load), len(load))
attach = struct.pack('<IIII', os.open('$group', os.O_RDONLY), program, 3, 0)
print(libc.syscall(number, 8, ctypes.create_string_buffer(attach), len(attach)), flush=True)
sys.stdin.readline()
"@
        try {
            $process.StandardOutput.ReadLine() | Should -Be 0
            $below = New-TestGroup "$(Split-Path $group -Leaf)/below"
            foreach ($one in $group, $below) {
                New-TcpKeepAlivePolicy "$prefix-late" -ControlGroup $one -IdleTime 30 -ErrorVariable failed -ErrorAction SilentlyContinue
                $failed[0].FullyQualifiedErrorId | Should -BeLike 'EPERM,*'
                $failed[0] | Should -Match "exclusively.*'theirs'"
            }
        } finally {
            Stop-TestProcess $process
        }
    }
}

Describe 'A keep-alive policy of a systemd unit, where systemd does not run' -Skip:(-not $IsLinux) {
    BeforeEach {
        $script:group = $null
        Skip-WithoutPolicy unshare
        if (Test-Path /run/systemd/system) {
            Set-ItResult -Skipped -Because 'systemd runs here'
        }
        $script:unit = "nktest$PID-$(Get-Random).service"
        $script:group = New-TestGroup $unit
    }

    AfterEach {
        Remove-TestPolicy "$prefix-*"
        Remove-TestGroup $group
    }

    It 'is at the one group of its name' {
        foreach ($name in $unit, ($unit -replace '\.service$')) {
            $policy = New-TcpKeepAlivePolicy "$prefix-unit" -Unit $name -IdleTime 30
            $policy.ControlGroup | Should -Be $group
            $policy.DropIn | Should -BeNullOrEmpty -Because 'it is not persistent'
            $policy | Remove-TcpKeepAlivePolicy
        }
        $second = New-TestGroup "nktest-$PID-slice/$unit"
        try {
            New-TcpKeepAlivePolicy "$prefix-unit" -Unit $unit -IdleTime 30 -ErrorVariable failed -ErrorAction SilentlyContinue
            $failed[0] | Should -Match '^-Unit: Several groups'
        } finally {
            Remove-TestGroup (Split-Path $second)
        }
        foreach ($wrong in 'nosuch', '/a/path.service') {
            New-TcpKeepAlivePolicy "$prefix-unit" -Unit $wrong -IdleTime 30 -ErrorVariable failed -ErrorAction SilentlyContinue
            $failed[0] | Should -Match $wrong
        }
    }

    It 'tells when the group has been removed, and that the one made anew has no policy' {
        $policy = New-TcpKeepAlivePolicy "$prefix-gone" -Unit $unit -IdleTime 30
        $policy.State | Should -Be Active
        Remove-TestGroup $group
        $policy.State | Should -Be GroupRemoved
        $null = New-TestGroup $unit
        (Get-TcpKeepAlivePolicy "$prefix-gone").State | Should -Be GroupRemoved
        Invoke-Pair $group "c, s = pair(socket.AF_INET, '127.0.0.1')`nshow('c', c)" | Should -Be 'c 0 7200 75 9 0'
        (Get-TcpKeepAlivePolicy "$prefix-gone").ControlGroup | Should -Be $group
    }
}
