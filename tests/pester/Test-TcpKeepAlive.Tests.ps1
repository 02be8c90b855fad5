BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-TestModule
}

Describe 'Test-TcpKeepAlive' -Skip:(-not $IsLinux) {
    BeforeEach {
        $connection = New-TestConnection
    }
    AfterEach {
        $connection.Client.Dispose()
        $connection.Server.Dispose()
    }

    It 'says alive of a peer that answers, and puts the settings back' {
        $connection.Client | Set-TcpKeepAlive -IdleTime 77 -Interval 7 -ProbeCount 17
        $row = Get-TcpConnection -LocalPort $connection.Port -RemotePort $connection.Client.LocalEndPoint.Port
        # Both ends at once, and one of them twice: in the end each has what it had.
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        $results = @($connection.Client, $row, $connection.Client | Test-TcpKeepAlive)
        # Elapsed counts from after keep-alive is on: where the machine holds the process off there, it is less.
        $clock.Elapsed.TotalSeconds | Should -BeGreaterThan 0.9
        $results.Count | Should -Be 3
        $results[0] | Should -BeOfType NetKeepAlive.TcpKeepAliveTestResult
        foreach ($result in $results) {
            $result.Alive | Should -BeTrue -Because $result.Reason
            $result.ProbesSent | Should -Be 1
            $result.ProbesUnanswered | Should -Be 0
            $result.Expected | Should -Be '00:00:04'
            $result.Elapsed | Should -BeGreaterThan ([timespan]::Zero)
            $result.Elapsed | Should -BeLessThan $clock.Elapsed
        }
        $results[0].Connection | Should -Be $connection.Client
        $after = $connection.Client | Get-TcpKeepAlive
        $after.IdleTime | Should -Be '00:01:17'
        $after.Interval | Should -Be '00:00:07'
        $after.ProbeCount | Should -Be 17
        ($connection.Server | Get-TcpKeepAlive).Enabled | Should -BeFalse
        $connection.Server.Available | Should -Be 0 -Because 'a probe carries no data'
    }

    It 'takes a host and a port, by position too' {
        $listener = [System.Net.Sockets.TcpListener]::new([ipaddress]::Loopback, 0)
        $listener.Start()
        $port = $listener.LocalEndpoint.Port
        (Test-TcpKeepAlive 127.0.0.1 $port).Alive | Should -BeTrue
        (Test-TcpKeepAlive "127.0.0.1:$port").Alive | Should -BeTrue
        Test-TcpKeepAlive -HostName localhost -Port $port -Quiet | Should -BeTrue
        $listener.Stop()
        Test-TcpKeepAlive 127.0.0.1 $port -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ECONNREFUSED,*'
        Test-TcpKeepAlive 127.0.0.1 $port -Quiet | Should -BeFalse
    }

    It 'says <Id> of <Where>' -ForEach @(
        @{ Where = 'localhost'; Id = 'PortMissing' }
        @{ Where = 'localhost:no-such-service'; Id = 'EINVAL' }
        @{ Where = 'localhost:0'; Id = 'EINVAL' }
    ) {
        Test-TcpKeepAlive $Where -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike "$Id,*"
    }

    It 'takes many sockets as an argument, too' {
        Test-TcpKeepAlive $connection.Client, $connection.Server -Quiet | Should -Be $true, $true
    }

    It 'says null, not false, when the time was up before anything was shown' {
        $result = Test-TcpKeepAlive $connection.Client -IdleTime 10 -Timeout 200ms -ErrorAction SilentlyContinue -ErrorVariable failure
        $null -eq $result.Alive | Should -BeTrue
        $result.Reason | Should -Match 'idle time'
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'Timeout,*'
    }

    It 'writes an error and no bool with -Quiet where nothing was shown' {
        $answer = @(Test-TcpKeepAlive $connection.Client -IdleTime 10 -Timeout 200ms -Quiet -ErrorAction SilentlyContinue -ErrorVariable failure)
        $answer.Count | Should -Be 0
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'Timeout,*'
        $connection.Client.Dispose()
        $answer = @(Test-TcpKeepAlive $connection.Client -Quiet -ErrorAction SilentlyContinue -ErrorVariable failure)
        $answer.Count | Should -Be 0 -Because 'what cannot be tested shows nothing of the peer'
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'EBADF,*'
    }

    It 'refuses a socket whose settings it could not put back, and leaves them' {
        Skip-WithoutNamespace
        $output = Invoke-InNamespace @'
sysctl -qw net.ipv4.tcp_keepalive_time=40000
$listener = New-TcpSocketListener 0 127.0.0.1
$client = Connect-TcpSocket 127.0.0.1 $listener.LocalPort
$client | Test-TcpKeepAlive -ErrorAction SilentlyContinue -ErrorVariable failure
$failure[0].FullyQualifiedErrorId
$failure[0].Exception.Message
$now = $client | Get-TcpKeepAlive
"$($now.Enabled) $($now.IdleTime.TotalSeconds)"
'@
        $output[0] | Should -BeLike 'EINVAL,*'
        $output[1] | Should -BeLike '*IdleTime*Nothing was changed*'
        $output[2] | Should -Be 'False 40000'
    }

    It 'puts the settings of another program''s connection back when <_> ends it' -ForEach 'TERM', 'HUP', 'INT' {
        Skip-WithoutTool python3
        $holder = Start-TestProcess python3 '-uc', "import socket; l=socket.create_server(('127.0.0.1',0)); c=socket.create_connection(l.getsockname()); s=l.accept(); print(c.getsockname()[1]); input()"
        try {
            $port = [int]$holder.StandardOutput.ReadLine()
            $row = { Get-TcpConnection -LocalPort $port -KeepAlive | Where-Object OwningProcess -EQ $holder.Id }
            $before = (& $row).KeepAlive
            # The signal may be ignored here (nohup(1), a background job), and then by the children too: python3 puts it back.
            $default = "import os, signal, sys; signal.signal(signal.SIG$_, signal.SIG_DFL); os.execvp(sys.argv[1], sys.argv[1:])"
            $tester = Start-TestProcess python3 (@('-c', $default) + @(Get-TestPwsh) + @('-NoProfile', '-NonInteractive', '-Command', "Import-Module '$(Get-TestManifest)'; Get-TcpConnection -LocalPort $port | Where-Object OwningProcess -EQ $($holder.Id) | Test-TcpKeepAlive -IdleTime 600"))
            Wait-Until { (& $row).KeepAlive.Enabled } 'the test to begin' 300
            kill -s $_ $tester.Id
            $tester.WaitForExit(30000) | Should -BeTrue
            (& $row).KeepAlive | Should -Be $before
        } finally {
            Stop-TestProcess $tester
            Stop-TestProcess $holder
        }
    }

    It 'shows progress while it connects' {
        # Two connections fill the queue; the third waits for its turn.
        $listener = [System.Net.Sockets.Socket]::new('InterNetwork', 'Stream', 'Tcp')
        $listener.Bind([System.Net.IPEndPoint]::new([ipaddress]::Loopback, 0))
        $listener.Listen(0)
        $port = $listener.LocalEndPoint.Port
        $fill = 1..2 | ForEach-Object { $socket = [System.Net.Sockets.Socket]::new('InterNetwork', 'Stream', 'Tcp'); $null = $socket.ConnectAsync('127.0.0.1', $port); $socket }
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript('param($manifest, $port) Import-Module $manifest; Test-TcpKeepAlive 127.0.0.1 $port -Timeout 2.5')
            $null = $shell.AddArgument((Get-TestManifest)).AddArgument($port)
            $null = $shell.Invoke()
            $shell.Streams.Progress.Activity | Should -Contain 'Connecting'
            $shell.Streams.Error[0].FullyQualifiedErrorId | Should -BeLike 'Timeout,*'
        } finally {
            $shell.Dispose()
            $fill.Dispose()
            $listener.Dispose()
        }
    }

    It 'does not take the answer to a zero-window probe for one to a keep-alive probe' {
        # The server never reads: its window closes, and data waits.
        $connection.Client.Blocking = $false
        $chunk = [byte[]]::new(1MB)
        $sent = 0
        try {
            while ($sent -lt 64MB) {
                $sent += $connection.Client.Send($chunk)
            }
        } catch [System.Net.Sockets.SocketException] {
            $sent | Should -BeGreaterThan 0
        }
        $result = $connection.Client | Test-TcpKeepAlive
        $result.Alive | Should -BeTrue -Because $result.Reason
        $result.ProbesSent | Should -Be 0
        $result.PathCarriesKeepAlive | Should -BeNullOrEmpty
        $result.Reason | Should -Match 'zero-window probe'
    }

    It 'ends at once when it is stopped, with the settings put back' {
        $before = $connection.Client | Get-TcpKeepAlive
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript('param($manifest, $socket) Import-Module $manifest; Test-TcpKeepAlive $socket -IdleTime 600')
            $null = $shell.AddArgument((Get-TestManifest)).AddArgument($connection.Client)
            $null = $shell.BeginInvoke()
            Wait-Until { ($connection.Client | Get-TcpKeepAlive).Enabled } 'the test to begin'
            $clock = [System.Diagnostics.Stopwatch]::StartNew()
            $shell.Stop()
            $clock.Elapsed.TotalSeconds | Should -BeLessThan 20 -Because 'by itself it would go on for ten minutes'
        } finally {
            $shell.Dispose()
        }
        ($connection.Client | Get-TcpKeepAlive).ToString() | Should -Be $before.ToString()
    }

    It 'shows progress' {
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript('param($manifest, $socket) Import-Module $manifest; Test-TcpKeepAlive $socket')
            $null = $shell.AddArgument((Get-TestManifest)).AddArgument($connection.Client)
            $null = $shell.Invoke()
            $shell.Streams.Progress.Activity | Should -Contain 'Testing keep-alive'
            $shell.Streams.Progress[-1].RecordType | Should -Be 'Completed'
        } finally {
            $shell.Dispose()
        }
    }

    It 'refuses what has no peer' {
        $listener = [System.Net.Sockets.TcpListener]::new([ipaddress]::Loopback, 0)
        $listener.Start()
        $results = $listener, 'abc', $connection.Client | Test-TcpKeepAlive -ErrorAction SilentlyContinue -ErrorVariable failures
        @($results).Count | Should -Be 1
        $failures[0].FullyQualifiedErrorId | Should -BeLike 'ENOTCONN,*'
        $failures[1].FullyQualifiedErrorId | Should -BeLike 'NotASocket,*'
        $listener.Stop()
    }

    It 'says of a connection that was reset what is the matter with which' {
        $listener = New-TcpSocketListener 0 127.0.0.1
        $client = Connect-TcpSocket 127.0.0.1 $listener.LocalPort
        Receive-SocketConnection $listener -Timeout 20 | Close-Socket -Reset
        $port = $client.LocalPort
        Wait-Until { (Get-TcpInfo $client).State -eq 'Closed' } 'the reset'
        $client | Test-TcpKeepAlive -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ENOTCONN,*'
        $failure[0].Exception.Message | Should -BeLike "keep-alive test 127.0.0.1:$port -> *state Closed*"
        $client, $listener | Close-Socket
    }

    Context 'with a peer in a network namespace' {
        BeforeAll {
            # A peer behind a veth pair, of which a firewall can drop what it likes. It echoes, and to those who say so
            # it speaks every 2.5 s.
            $script:namespace = "nka$PID"
            # Four addresses of one's own, should the tests run twice at the same time.
            $block = 4 * ($PID % 16384)
            $net = "198.19.$($block -shr 8)"
            $script:peerAddress = "$net.$(($block -band 255) + 2)"
            $peer = $null
            $canHave = (id -u) -eq 0 -and -not (Get-MissingTool ip, iptables, python3)
            if ($canHave) {
                ip netns add $namespace
                $canHave = $LASTEXITCODE -eq 0
            }
            if ($canHave) {
                ip link add $namespace type veth peer name eth0 netns $namespace
                ip addr add "$net.$(($block -band 255) + 1)/30" dev $namespace
                ip link set $namespace up
                ip -n $namespace addr add "$peerAddress/30" dev eth0
                ip -n $namespace link set eth0 up
                $peer = Start-TestProcess ip netns, exec, $namespace, python3, '-c', @'
import socket,sys,threading,time
def serve(c):
    try:
        while True:
            d=c.recv(100)
            if not d: return
            if d==b'talk':
                while True: time.sleep(2.5); c.send(b'x')
            c.send(d)
    except OSError: pass
s=socket.socket(); s.bind((sys.argv[1],0)); s.listen(50)
print(s.getsockname()[1],flush=True)
while True:
    c,_=s.accept(); threading.Thread(target=serve,args=(c,),daemon=True).start()
'@, $peerAddress
                $script:port = [int]$peer.StandardOutput.ReadLine()
            }
            function Connect-Peer {
                $client = [System.Net.Sockets.TcpClient]::new($peerAddress, $port)
                $client.GetStream().Write([System.Text.Encoding]::ASCII.GetBytes('hello'))
                # Idle from the start: what was sent is acknowledged.
                $null = $client.GetStream().Read([byte[]]::new(5))
                $client
            }
            function Set-Firewall([string[]]$Rule) {
                ip netns exec $namespace iptables -F INPUT
                if ($Rule) {
                    ip netns exec $namespace iptables -A INPUT @Rule
                }
            }
        }
        BeforeEach {
            if (-not $canHave) {
                Set-ItResult -Skipped -Because 'it takes root, network namespaces, iptables and python3'
            }
        }
        AfterEach {
            if ($canHave) {
                Set-Firewall
            }
        }
        AfterAll {
            Stop-TestProcess $peer
            if ($canHave) {
                ip netns del $namespace
                ip link del $namespace 2>$null
            }
        }

        It 'says dead of a peer that is cut off, within 1 s of the prediction; with a user timeout too' {
            # The times hold in a round in which the machine does not hold this process off.
            foreach ($round in 1..3) {
                Set-Firewall
                $idle = Connect-Peer
                $limited = Connect-Peer
                $limited | Set-TcpKeepAlive -UserTimeout 2500ms
                $foreign = Start-TestProcess python3 '-c', "import socket,sys`ns=socket.create_connection(('$peerAddress',$port))`nprint(s.getsockname()[1],flush=True)`ntry: s.recv(1)`nexcept OSError as e: print(e.errno,flush=True)`ninput()"
                try {
                    $row = Get-TcpConnection -LocalPort ([int]$foreign.StandardOutput.ReadLine()) -RemotePort $port
                    Set-Firewall '-j', 'DROP'
                    $results = $idle, $limited, $row | Test-TcpKeepAlive
                    foreach ($result in $results) {
                        $result.Alive | Should -BeFalse
                        $result.ProbesUnanswered | Should -BeGreaterThan 0
                        $result.Reason | Should -Match 'ETIMEDOUT'
                        $result.PathCarriesKeepAlive | Should -BeNullOrEmpty
                    }
                    # The error is the owner's to read: the test has not taken it.
                    $foreign.StandardOutput.ReadLine() | Should -Be 110
                    { $idle.Client.Receive([byte[]]::new(1)) } | Should -Throw '*timed out*'
                } finally {
                    Stop-TestProcess $foreign
                    $idle.Dispose()
                    $limited.Dispose()
                }
                $off = ($results | ForEach-Object { [math]::Abs(($_.Elapsed - $_.Expected).TotalSeconds) } | Measure-Object -Maximum).Maximum
                $expected = ($results | Where-Object Connection -EQ $idle).Expected
                $expectedOfLimited = ($results | Where-Object Connection -EQ $limited).Expected
                if ($off -lt 1 -and $expected -eq '00:00:04' -and $expectedOfLimited -lt '00:00:04') {
                    break
                }
            }
            $off | Should -BeLessThan 1
            $expected | Should -Be '00:00:04'
            $expectedOfLimited | Should -BeLessThan ([timespan]'00:00:04')
        }

        It 'names a path that answers all but keep-alive probes' {
            $quiet = Connect-Peer
            $talking = Connect-Peer
            # Segments without data, once the connections stand.
            Set-Firewall '-p', 'tcp', '--tcp-flags', 'ALL', 'ACK', '-m', 'length', '--length', '40:52', '-j', 'DROP'
            # Its first word comes 2.5 s after this, among the probes.
            $talking.GetStream().Write([System.Text.Encoding]::ASCII.GetBytes('talk'))
            $results = $quiet, $talking | Test-TcpKeepAlive -ProbeCount 6
            foreach ($result in $results) {
                $result.PathCarriesKeepAlive | Should -BeFalse -Because $result.Reason
                $result.Reason | Should -Match 'drops keep-alive probes'
                $result.ProbesUnanswered | Should -BeGreaterThan 1
            }
            ($results | Where-Object Connection -EQ $quiet).Alive | Should -BeFalse
            ($results | Where-Object Connection -EQ $talking).Alive | Should -BeTrue
            $quiet.Dispose()
            $talking.Dispose()
        }

        It 'says reset where the peer no longer knows the connection' {
            $client = Connect-Peer
            Set-Firewall '-p', 'tcp', '-j', 'REJECT', '--reject-with', 'tcp-reset'
            $result = $client | Test-TcpKeepAlive
            $result.Alive | Should -BeFalse
            $result.Reason | Should -Match 'ECONNRESET'
            $client.Dispose()
        }

        It 'says that unacknowledged data keeps the probes back' {
            $client = Connect-Peer
            Set-Firewall '-j', 'DROP'
            $null = $client.Client.Send([byte[]](1, 2))
            $result = $client | Test-TcpKeepAlive -Timeout 500ms -ErrorAction SilentlyContinue
            $null -eq $result.Alive | Should -BeTrue
            $result.Reason | Should -Match 'Sent data is not acknowledged'
            $result = $client | Test-TcpKeepAlive -ProbeCount 1
            $result.Alive | Should -Be $false
            $result.ProbesSent | Should -Be 0
            $result.Reason | Should -Match 'UserTimeout'
            $client.Dispose()
        }
    }
}
