BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'StreamTest.psm1')
    Import-TestModule
}

Describe 'Connect-TcpSocket' {
    BeforeAll {
        $listener = New-TcpSocketListener 0 127.0.0.1
        $port = $listener.LocalPort
    }
    AfterAll {
        $listener | Close-Socket
    }
    AfterEach {
        ${socket}?.Dispose()
    }

    It 'connects to localhost when no name is given' {
        $socket = Connect-TcpSocket -Port $port
        $socket | Should -BeOfType NetKeepAlive.StreamSocket
        $socket.RemotePort | Should -Be $port
        $socket.State | Should -Be Open
        $socket.ConnectionAttempts[-1].Outcome | Should -Be Connected
    }

    It 'raises IdleTimeout after the silence that -IdleTimeout names, once until there is traffic' {
        $socket = Connect-TcpSocket 127.0.0.1 $port -IdleTimeout 0.2
        $socket.IdleLimit.TotalSeconds | Should -Be 0.2
        $null = Register-ObjectEvent $socket IdleTimeout -SourceIdentifier idle
        try {
            Wait-Event idle -Timeout 20 | Remove-Event
            Wait-Event idle -Timeout 1 | Should -BeNullOrEmpty -Because 'it is the same silence'
            'x' | Send-SocketData $socket
            Wait-Event idle -Timeout 20 | Should -Not -BeNullOrEmpty
        } finally {
            Unregister-Event idle
            Get-Event idle -ErrorAction Ignore | Remove-Event
        }
    }

    It 'shows progress when it takes more than a second' {
        # Nobody accepts: once its queue is full, the kernel answers no further connection.
        $full = New-TcpSocketListener 0 127.0.0.1 -Backlog 0
        $waiting = 1..3 | ForEach-Object { Connect-TcpSocket 127.0.0.1 $full.LocalPort -Timeout 0.3 -ErrorAction Ignore }
        $shell = $null
        try {
            # A machine that holds it off leaves little time to show any in.
            foreach ($timeout in 2.5, 10) {
                ${shell}?.Dispose()
                $shell = [powershell]::Create()
                $null = $shell.AddScript('param($m, $port, $timeout) Import-Module $m; Connect-TcpSocket 127.0.0.1 $port -Timeout $timeout')
                $null = $shell.AddArgument((Get-TestManifest)).AddArgument($full.LocalPort).AddArgument($timeout).Invoke()
                $shell.Streams.Error[0].FullyQualifiedErrorId | Should -BeLike 'Timeout,*'
                if ($shell.Streams.Progress.Count -ge 2) {
                    break
                }
            }
            $shell.Streams.Progress.Count | Should -BeGreaterOrEqual 2
            $shell.Streams.Progress[0].Activity | Should -Be Connecting
            $shell.Streams.Progress[0].StatusDescription | Should -BeLike "127.0.0.1 port $($full.LocalPort): * s"
            $shell.Streams.Progress[-1].RecordType | Should -Be Completed
        } finally {
            $shell.Dispose()
            $waiting | Close-Socket
            $full | Close-Socket
        }
    }

    It 'talks with ncat, both ways' {
        Skip-WithoutTool ncat
        $free = Get-FreePort
        $ncat = Start-TestProcess ncat '-l', '127.0.0.1', $free
        try {
            Wait-Until { $script:socket = Connect-TcpSocket 127.0.0.1 $free -ErrorAction Ignore; $script:socket } 'ncat'
            "to ncat`n" | Send-SocketData $script:socket
            (Wait-TestOutput $ncat.StandardOutput 'to (\w+)')[1] | Should -Be 'ncat'
            $ncat.StandardInput.WriteLine('from ncat')
            $ncat.StandardInput.Close()
            ($script:socket | Receive-SocketData -Line -Timeout 10).Text | Should -Be 'from ncat'
        } finally {
            ${script:socket}?.Dispose()
            Stop-TestProcess $ncat
        }
    }

    It 'sets keep-alive and the other knobs' {
        $socket = Connect-TcpSocket 127.0.0.1 $port -IdleTime 31 -Interval 7s -ProbeCount 4 -UserTimeout 1m -NoDelay
        $set = $socket | Get-TcpKeepAlive
        $set.Enabled | Should -BeTrue
        $set.IdleTime.TotalSeconds | Should -Be 31
        $set.Interval.TotalSeconds | Should -Be 7
        $set.ProbeCount | Should -Be 4
        $set.UserTimeout.TotalSeconds | Should -Be 60
        $socket.Socket.NoDelay | Should -BeTrue
    }

    It 'turns keep-alive on when only the user timeout is named, as Set-TcpKeepAlive does' {
        $socket = Connect-TcpSocket 127.0.0.1 $port -UserTimeout 5 -WarningAction SilentlyContinue
        ($socket | Get-TcpKeepAlive).Enabled | Should -BeTrue
    }

    It 'has an idle timeout from the start with -IdleTimeout' {
        $socket = Connect-TcpSocket 127.0.0.1 $port -IdleTimeout 1.5
        ($socket | Get-SocketOption IdleTimeout).Value | Should -Be ([timespan]'00:00:01.5')
    }

    It 'lists every attempt of an error, each with its reason' {
        $closed = Get-FreePort
        $socket = Connect-TcpSocket ::1, 127.0.0.1, 224.0.0.1 $closed -ErrorAction SilentlyContinue -ErrorVariable failure
        $socket | Should -BeNullOrEmpty
        @($failure).Count | Should -Be 1
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ECONNREFUSED,*'
        $failure[0].CategoryInfo.Category | Should -Be ConnectionError
        $failure[0].TargetObject | Should -Be "::1, 127.0.0.1, 224.0.0.1:$closed"
        $failure[0].Exception.Message | Should -BeLikeExactly "*127.0.0.1:$closed failed after * ms: Connection refused (ECONNREFUSED)*"
        $failure[0].Exception.Message | Should -BeLike "*224.0.0.1:$closed failed after *"
        $failure[0].Exception.Data['ConnectionAttempts'].Count | Should -Be 3
    }

    It 'respects -AddressFamily <_>' -ForEach 4, 'IPv4', 'InterNetwork' {
        $socket = Connect-TcpSocket ::1, 127.0.0.1 $port -AddressFamily $_
        $socket.ConnectionAttempts.Count | Should -Be 1
        $socket.AddressFamily | Should -Be InterNetwork
    }

    It 'tries both families with -AddressFamily <_>' -ForEach 0, 'Unspecified' {
        $socket = Connect-TcpSocket ::1, 127.0.0.1 $port -AddressFamily $_ -BlockList (New-SocketBlockList -Address ::1)
        $socket.ConnectionAttempts.Outcome | Should -Be Blocked, Connected
    }

    It 'says which end of its own cannot be had' {
        $first = Connect-TcpSocket 127.0.0.1 $port
        Connect-TcpSocket 127.0.0.1 $port -LocalPort $first.LocalPort -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'EADDRINUSE,*'
        $failure[0].Exception.Message | Should -BeLike "*local port $($first.LocalPort)*-LocalPort*"
        Connect-TcpSocket 127.0.0.1 $port -LocalAddress 192.0.2.1 -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'EADDRNOTAVAIL,*'
        $failure[0].Exception.Message | Should -BeLike '*local address 192.0.2.1*'
        if ($IsLinux) {
            # Other addresses of the loopback network need no interface of their own there.
            $other = Connect-TcpSocket 127.0.0.1 $port -LocalAddress 127.0.0.77
            $same = @{ LocalAddress = $other.LocalAddress; LocalPort = $other.LocalPort }
            Connect-TcpSocket 127.0.0.1 $port @same -ErrorAction SilentlyContinue -ErrorVariable failure
            $failure[0].Exception.Message | Should -BeLike "*local port $($other.LocalPort) has a connection to this address*"
            Close-Socket $other
        }
    }

    It 'passes over a name without an address where another has one, and knows which name it reached' {
        $socket = Connect-TcpSocket 'no such host', localhost $port -AddressFamily 4
        $socket.HostName | Should -Be localhost -Because 'TLS asks for a certificate of this name'
        $socket.ConnectionAttempts.Count | Should -Be 1
        Connect-TcpSocket 'no such host', 'nor this' $port -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'HostNotFound,*'
        $failure[0].Exception.Message | Should -BeLike '*no such host*nor this*'
    }

    It 'says that a link-local address lacks its interface' {
        { Connect-TcpSocket fe80::1%nosuch $port -ErrorAction Stop } | Should -Throw '*interface of this machine*' -ErrorId 'EINVAL,*'
        { New-TcpSocketListener 0 fe80::1 -ErrorAction Stop } | Should -Throw '*interface of this machine*' -ErrorId 'EINVAL,*'
    }

    It 'takes addresses that are resolved already' {
        $socket = Connect-TcpSocket ([ipaddress]::Parse('127.0.0.1')) $port
        $socket.ConnectionAttempts.Address | Should -Be ([ipaddress]::Loopback)
        $socket.ConnectionAttempts.Port | Should -Be $port
    }

    It 'has no addresses once it is closed' {
        $socket = Connect-TcpSocket 127.0.0.1 $port
        $socket.LocalAddress, $socket.RemoteAddress | Should -Be '127.0.0.1', '127.0.0.1'
        $socket.Dispose()
        $socket.State | Should -Be Closed
        foreach ($name in 'LocalAddress', 'LocalPort', 'RemoteAddress', 'RemotePort') {
            $socket.$name | Should -BeNullOrEmpty -Because $name
        }
    }

    It 'says when there is no address of the family' {
        { Connect-TcpSocket 127.0.0.1 $port -AddressFamily 6 -ErrorAction Stop } | Should -Throw -ErrorId 'HostNotFound,*'
    }

    It 'connects from -LocalAddress and -LocalPort, whose family decides' {
        $from = Get-FreePort
        $socket = Connect-TcpSocket ::1, 127.0.0.1 $port -LocalAddress 127.0.0.9 -LocalPort $from
        $socket.LocalAddress | Should -Be '127.0.0.9'
        $socket.LocalPort | Should -Be $from
        $socket.ConnectionAttempts.Count | Should -Be 1
    }

    It 'does not try what is on the block list' {
        $list = New-SocketBlockList -Subnet ::/0
        $socket = Connect-TcpSocket ::1, 127.0.0.1 $port -BlockList $list
        $socket.ConnectionAttempts.Outcome | Should -Be Blocked, Connected
        { Connect-TcpSocket ::1 $port -BlockList $list -ErrorAction Stop } | Should -Throw -ErrorId 'EACCES,*'
    }

    It 'says <Id> of <Name>' -ForEach @(
        @{ Name = 'no such host'; Id = 'HostNotFound' }
        @{ Name = 'two words'; Id = 'HostNotFound' }
    ) {
        { Connect-TcpSocket $Name $port -ErrorAction Stop } | Should -Throw -ErrorId "$Id,*"
    }

    It 'refuses port <_>' -ForEach 0, 65536, -1 {
        { Connect-TcpSocket 127.0.0.1 $_ } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*'
    }

    It 'shows the attempts in a short table' {
        $socket = Connect-TcpSocket ::1, 127.0.0.1 $port
        $text = $socket.ConnectionAttempts | Format-Table | Out-String -Width 120
        $text | Should -Match "::1 +$port Failed +\d+ ms +\d+ ms Connection refused \(ECONNREFUSED\)"
        $text | Should -Match "127\.0\.0\.1 +$port Connected +\d+ ms +\d+ ms"
    }

    It 'completes the addresses of this machine' {
        $line = 'Connect-TcpSocket localhost 1 -LocalAddress 127'
        [System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches.CompletionText |
            Should -Contain '127.0.0.1'
    }

    It 'tells of the attempts with -Verbose' {
        $told = Connect-TcpSocket 127.0.0.1 $port -Verbose 4>&1
        "$told" | Should -BeLike "*127.0.0.1:$port Connected*"
        $told[-1].Dispose()
    }

    It 'connects by a live IPv4 address while the name''s IPv6 address is dead; both dead is one error; Ctrl+C ends it' {
        Skip-WithoutNamespace
        Skip-WithoutTool iptables, ip6tables
        # What a packet filter drops nobody answers and nobody refuses.
        $result = Invoke-InNamespace @'
ip address add 10.99.0.2/32 dev lo
ip -6 address add fd99::2/128 dev lo nodad
iptables -A INPUT -d 10.99.0.2 -j DROP
ip6tables -A INPUT -d fd99::2 -j DROP
$hosts = New-TemporaryFile
"fd99::2 mixed.test`n127.0.0.1 mixed.test`nfd99::2 dead.test`n10.99.0.2 dead.test" | Set-Content $hosts
$inner = "$hosts.ps1"
@"
Import-Module '$((Get-Module NetKeepAlive).Path -replace 'module/NetKeepAlive\.PowerShell\.dll$', 'NetKeepAlive.psd1')'
`$listener = New-TcpSocketListener 0 127.0.0.1
`$clock = [Diagnostics.Stopwatch]::StartNew()
`$socket = Connect-TcpSocket mixed.test `$listener.LocalPort -Timeout 20
"elapsed `$(`$clock.ElapsedMilliseconds)"
"outcomes `$(`$socket.ConnectionAttempts.Outcome)"
"families `$(`$socket.ConnectionAttempts.AddressFamily)"
"start `$(`$socket.ConnectionAttempts[1].StartTime.TotalMilliseconds -ge 240)"
`$PSDefaultParameterValues['Connect-TcpSocket:AttemptTimeout'] = '400ms'
"default `$((Connect-TcpSocket mixed.test `$listener.LocalPort -Timeout 20).ConnectionAttempts[1].StartTime.TotalMilliseconds -ge 390)"
`$PSDefaultParameterValues.Clear()
`$socket = Connect-TcpSocket dead.test 9 -Timeout 5 -AttemptTimeout 100ms -ErrorVariable failure -ErrorAction SilentlyContinue
"id `$(`$failure[0].FullyQualifiedErrorId)"
"message `$(`$failure[0].Exception.Message)"
`$shell = [powershell]::Create().AddScript({ param(`$module) Import-Module `$module; Connect-TcpSocket 10.99.0.2 9 }).AddArgument((Get-Module NetKeepAlive).Path)
`$running = `$shell.BeginInvoke()
Start-Sleep 1.5
`$clock.Restart()
`$shell.Stop()
"stopped `$(`$clock.ElapsedMilliseconds)"
"@ | Set-Content $inner
unshare --mount sh -c "mount --bind $hosts /etc/hosts && exec $pwsh -NoProfile -File $inner"
Remove-Item $hosts, $inner
'@
        $text = $result -join "`n"
        $text | Should -Match 'outcomes TimedOut Connected'
        $text | Should -Match 'families InterNetworkV6 InterNetwork'
        $text | Should -Match 'start True'
        $text | Should -Match 'default True' -Because 'PSDefaultParameterValues sets the time of an attempt for the session'
        [int]([regex]::Match($text, 'elapsed (\d+)').Groups[1].Value) | Should -BeLessThan 19000 -Because $text
        $text | Should -Match 'id Timeout,'
        $text | Should -Match '\[fd99::2\]:9 timed out after .*10\.99\.0\.2:9 timed out after'
        [int]([regex]::Match($text, 'stopped (\d+)').Groups[1].Value) | Should -BeLessThan 20000 -Because $text
    }

    It 'waits for a silent resolver no longer than -Timeout, and Ctrl+C ends that wait' {
        Skip-WithoutNamespace
        Skip-WithoutTool iptables
        $result = Invoke-WithSilentResolver @'
$clock = [Diagnostics.Stopwatch]::StartNew()
Connect-TcpSocket silent.example 9 -Timeout 0.5 -ErrorVariable failure -ErrorAction SilentlyContinue
"elapsed $($clock.ElapsedMilliseconds) id $($failure[0].FullyQualifiedErrorId)"
$shell = [powershell]::Create().AddScript({ param($module) Import-Module $module; Connect-TcpSocket silent.example 9 }).AddArgument((Get-Module NetKeepAlive).Path)
$running = $shell.BeginInvoke()
Start-Sleep 1.5
$clock.Restart()
$shell.Stop()
"stopped $($clock.ElapsedMilliseconds)"
'@
        $text = $result -join "`n"
        $text | Should -Match 'id Timeout,'
        [int]([regex]::Match($text, 'elapsed (\d+)').Groups[1].Value) | Should -BeLessThan 20000 -Because $text
        $text | Should -Match 'stopped \d+'
        [int]([regex]::Match($text, 'stopped (\d+)').Groups[1].Value) | Should -BeLessThan 20000 -Because $text
    }

    It 'names -HostName and the accepted range where the port behind the host is <_>' -ForEach '0', '70000', 'no-such-service' {
        { Connect-TcpSocket "127.0.0.1:$_" -ErrorAction Stop } | Should -Throw '-HostName: *1 to 65535*' -ErrorId 'EINVAL,*'
        { Test-TcpKeepAlive "127.0.0.1:$_" -ErrorAction Stop } | Should -Throw '-HostName: *1 to 65535*' -ErrorId 'EINVAL,*'
    }

    It 'names the parameters whose families differ' {
        { Connect-TcpSocket 127.0.0.1:1 -LocalAddress ::1 -ErrorAction Stop } | Should -Throw '*-AddressFamily*-LocalAddress*' -ErrorId 'HostNotFound,*'
        { Connect-TcpSocket 127.0.0.1:1 -LocalAddress ::1 -AddressFamily IPv4 -ErrorAction Stop } |
            Should -Throw '*-LocalAddress*-AddressFamily*' -ErrorId 'EINVAL,*'
    }

    It 'takes host and port in one word, and says when there is no port' {
        $listener = New-TcpSocketListener -Address localhost
        $client = Connect-TcpSocket "127.0.0.1:$($listener.LocalPort)" -Timeout 20
        $client.RemotePort | Should -Be $listener.LocalPort
        { Connect-TcpSocket localhost -ErrorAction Stop } | Should -Throw -ErrorId 'PortMissing,*'
        { Connect-TcpSocket ::1 -ErrorAction Stop } | Should -Throw "*'``[::1``]:443'*"
        { Connect-TcpSocket localhost:1 -Port 2 -ErrorAction Stop } | Should -Throw '*Different ports*-HostName*-Port*'
        { Connect-TcpSocket localhost no-such-service } | Should -Throw '*/etc/services*'
        $client, $listener | Close-Socket
    }

    It 'names the one address that was tried' {
        { Connect-TcpSocket localhost 1 -AddressFamily InterNetwork -Timeout 20 -ErrorAction Stop } |
            Should -Throw '*127.0.0.1:1 Failed*'
    }
}
