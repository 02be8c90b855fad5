BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-TestModule
}

Describe 'Get-TcpConnection' -Skip:(-not $IsLinux) {
    BeforeAll {
        $connection = New-TestConnection
        $pair6 = New-TestConnection '::1'
        $local = $connection.Client.LocalEndPoint.Port
        # What another pwsh emits, as Invoke-Command brings it from there.
        function Get-FromAfar([string]$Script) {
            Invoke-TestPwsh -NoProfile -NonInteractive -Command "Import-Module '$(Get-TestManifest)'; & { $Script } | ForEach-Object { [System.Management.Automation.PSSerializer]::Serialize(`$_) -replace '\r?\n' }" |
                ForEach-Object { [System.Management.Automation.PSSerializer]::Deserialize($_) } |
                Add-Member PSComputerName localhost -PassThru
        }
    }
    AfterAll {
        $connection.Client.Dispose()
        $connection.Server.Dispose()
        $pair6.Client.Dispose()
        $pair6.Server.Dispose()
    }

    It 'has the property names of Windows'' Get-NetTCPConnection' {
        $row = Get-TcpConnection -LocalPort $local -RemotePort $connection.Port
        $row | Should -BeOfType NetKeepAlive.TcpConnection
        $row.LocalAddress | Should -Be '127.0.0.1'
        $row.LocalPort | Should -Be $local
        $row.RemoteAddress | Should -Be '127.0.0.1'
        $row.RemotePort | Should -Be $connection.Port
        $row.State | Should -Be 'Established'
        $row.OwningProcess | Should -Be $PID
        $row.FileDescriptor | Should -Be ([int]$connection.Client.Handle)
        $row.OwningProcessName | Should -Be (Get-Content "/proc/$PID/comm")
        $row.UserId | Should -Be (id -u)
        $row.Inode | Should -Be ((Get-Item "/proc/$PID/fd/$($row.FileDescriptor)").LinkTarget -replace '\D')
        $row.Info.State | Should -Be 'Established'
    }

    It 'takes -<Name> <Value>' -ForEach @(
        @{ Name = 'LocalAddress'; Value = '127.0.0.1'; Four = $true; Six = $false }
        @{ Name = 'LocalAddress'; Value = '::1'; Four = $false; Six = $true }
        @{ Name = 'RemoteAddress'; Value = '127.0.0.0/8', '10.0.0.1'; Four = $true; Six = $false }
        @{ Name = 'RemoteAddress'; Value = '::/0'; Four = $false; Six = $true }
        @{ Name = 'State'; Value = 'Established', 'Listen'; Four = $true; Six = $true }
        @{ Name = 'State'; Value = 'TimeWait'; Four = $false; Six = $false }
        @{ Name = 'OwningProcess'; Value = $PID; Four = $true; Six = $true }
        @{ Name = 'OwningProcess'; Value = 1; Four = $false; Six = $false }
    ) {
        $parameters = @{ $Name = $Value }
        # Both ports: one alone may be that of a connection of somebody else, of which there may be thousands.
        $ports = Get-TcpConnection @parameters | ForEach-Object { "$($_.LocalPort) $($_.RemotePort)" }
        ($ports -contains "$local $($connection.Port)") | Should -Be $Four
        ($ports -contains "$($pair6.Client.LocalEndPoint.Port) $($pair6.Port)") | Should -Be $Six
    }

    It 'filters by both ports' {
        @(Get-TcpConnection -LocalPort $connection.Port, 1 -RemotePort $local).Count | Should -Be 1
        @(Get-TcpConnection -RemotePort $connection.Port, $pair6.Port -OwningProcess $PID -State Established).Count | Should -Be 2
        Get-TcpConnection -LocalPort $local -RemotePort 1 | Should -BeNullOrEmpty
    }

    It 'takes processes from the pipeline' {
        (Get-Process -Id $PID | Get-TcpConnection).LocalPort | Should -Contain $local
    }

    It 'shows the timer of keep-alive and, with -KeepAlive, its settings' {
        (Get-TcpConnection -LocalPort $local -RemotePort $connection.Port).KeepAlive | Should -BeNullOrEmpty
        $connection.Client | Set-TcpKeepAlive -IdleTime 50 -Interval 6 -ProbeCount 4
        $row = Get-TcpConnection -LocalPort $local -RemotePort $connection.Port -KeepAlive
        $row.Timer | Should -Be 'KeepAlive'
        $row.TimerExpires.TotalSeconds | Should -BeGreaterThan 40
        $row.TimerExpires.TotalSeconds | Should -BeLessOrEqual 50
        $row.KeepAlive.IdleTime | Should -Be '00:00:50'
        $row.KeepAlive.DetectionTime | Should -Be '00:01:14'
    }

    It 'counts what waits in the queues' {
        $null = $connection.Client.Send([byte[]]::new(123))
        Wait-Until { (Get-TcpConnection -LocalPort $connection.Port -RemotePort $local).ReceiveQueue -eq 123 } 'the data'
        $null = $connection.Server.Receive([byte[]]::new(200))
        # More than the peer's window: the rest waits here.
        $pair = New-TestConnection
        $pair.Client.Blocking = $false
        $failed = [System.Net.Sockets.SocketError]::Success
        while ($failed -eq 'Success') {
            $null = $pair.Client.Send([byte[]]::new(65536), 0, 65536, 'None', [ref]$failed)
        }
        (Get-TcpConnection -LocalPort $pair.Client.LocalEndPoint.Port -RemotePort $pair.Port).SendQueue | Should -BeGreaterThan 0
        $pair.Client.Dispose()
        $pair.Server.Dispose()
    }

    It 'refuses <_> and says what is accepted' -ForEach 'a b', '10.0.0.0/33', '1', '::1/x' {
        Get-TcpConnection -LocalAddress $_ -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'EINVAL,*'
        { Get-TcpConnection -LocalPort 65536 } | Should -Throw '*65535*'
    }

    It 'takes the four endpoints by position, ranges, services, wildcards and names' {
        $port = $connection.Port
        (Get-TcpConnection 127.0.0.1 $local 127.* "$port-$port").LocalPort | Should -Be $local
        (Get-TcpConnection localhost $local -RemotePort $port).RemotePort | Should -Be $port
        (Get-TcpConnection -LocalAddress 10.* -LocalPort $local) | Should -BeNullOrEmpty
        (Get-TcpConnection -LocalPort "1-$($local - 1)", "$($local + 1)-65535" -RemotePort $port) | Should -BeNullOrEmpty
        { Get-TcpConnection -LocalPort no-such-service } | Should -Throw '*services*'
        { Get-TcpConnection -LocalPort 2-1 } | Should -Throw '*smallest first*'
        Get-TcpConnection -LocalPort domain | ForEach-Object LocalPort | Where-Object { $_ -ne 53 } | Should -BeNullOrEmpty
    }

    It 'takes states as <_>' -ForEach 'ESTAB', 'established', 'connected', 'ESTABLISHED' {
        @(Get-TcpConnection -LocalPort $local -RemotePort $connection.Port -State $_).Count | Should -Be 1
    }

    It 'has states that are no other enumeration''s numbers, and rows that bind to nothing' {
        $row = Get-TcpConnection -LocalPort $local -RemotePort $connection.Port
        [int]$row.State | Should -BeGreaterOrEqual 1000
        $row.PSObject.Properties.Name | Should -Not -Contain 'Id'
        $row.PSObject.Properties.Name | Should -Not -Contain 'Name'
        $row.PSObject.Properties.Name | Should -Not -Contain 'ProcessName'
        { Get-TcpConnection -State nonsense } | Should -Throw '*synchronized*'
    }

    It 'takes a process by its own name, also where that is no whole wildcard' {
        Skip-WithoutTool python3
        foreach ($name in "[x$PID", "x[1]$PID") {
            $python = Start-TestProcess python3 '-c', @'
import ctypes, socket, sys
ctypes.CDLL(None).prctl(15, sys.argv[1].encode(), 0, 0, 0)
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
sys.stdin.read()
'@, $name
            try {
                $port = [int]$python.StandardOutput.ReadLine()
                (Get-TcpConnection -ProcessName $name).LocalPort | Should -Be $port
                (Get-TcpConnection -ProcessName ([wildcardpattern]::Escape($name))).LocalPort | Should -Be $port
                (Get-TcpConnection -ProcessName $name.ToUpperInvariant(), 'no such name').LocalPort | Should -Be $port
            } finally {
                Stop-TestProcess $python
            }
        }
    }

    It 'finds by the name of the process and by process objects, and says of one that is not there' {
        $name = (Get-Content "/proc/$PID/comm")
        (Get-TcpConnection -ProcessName "$($name.Substring(0, 2))*" -LocalPort $local -RemotePort $connection.Port).OwningProcess | Should -Be $PID
        Get-TcpConnection -ProcessName 'no such name' | Should -BeNullOrEmpty
        (Get-TcpConnection -OwningProcess (Get-Process -Id $PID) -LocalPort $local -RemotePort $connection.Port).OwningProcess | Should -Be $PID
        Get-TcpConnection -OwningProcess 2147483647 -ErrorAction SilentlyContinue -ErrorVariable failure | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ESRCH,*'
        { Get-TcpConnection -OwningProcess 0 } | Should -Throw '*1 to 2147483647*'
    }

    It 'finds what a NAT would drop' {
        $pair = New-TestConnection
        $ports = @{ LocalPort = $pair.Client.LocalEndPoint.Port; RemotePort = $pair.Port }
        @(Get-TcpConnection @ports -IdleTimeOver 1d).Count | Should -Be 1 -Because 'keep-alive is off'
        $pair.Client | Set-TcpKeepAlive -IdleTime 300
        Get-TcpConnection @ports -IdleTimeOver 350s | Should -BeNullOrEmpty
        (Get-TcpConnection @ports -IdleTimeOver 250s).KeepAlive.IdleTime | Should -Be '00:05:00'
        Get-TcpConnection -OwningProcess $PID -ExcludeLoopback -State Established | Should -BeNullOrEmpty
        $pair.Client.Dispose()
        $pair.Server.Dispose()
    }

    It 'leaves out with -ExcludeLoopback what is IPv4''s loopback on an IPv6 socket' {
        $listener = New-TcpSocketListener 0 '::'
        $client = Connect-TcpSocket 127.0.0.3 $listener.LocalPort -LocalAddress 127.0.0.2
        $server = $listener | Receive-SocketConnection -Timeout 20
        Get-TcpConnection -LocalPort $listener.LocalPort -State Established | Should -Not -BeNullOrEmpty
        Get-TcpConnection -LocalPort $listener.LocalPort -State Established -ExcludeLoopback | Should -BeNullOrEmpty
        Close-Socket $client, $server, $listener
    }

    It 'has a listener''s queue and backlog apart' {
        $listener = New-TcpSocketListener 0 127.0.0.1 -Backlog 17
        $client = Connect-TcpSocket 127.0.0.1 $listener.LocalPort
        Wait-Until { ($script:row = Get-TcpConnection -LocalPort $listener.LocalPort -State Listen).AcceptQueue } 'the connection in the queue'
        $row.AcceptQueue | Should -Be 1
        $row.Backlog | Should -Be 17
        $row.SendQueue | Should -BeNullOrEmpty
        $row.ReceiveQueue | Should -BeNullOrEmpty
        ($row | Format-Table -View Queues | Out-String) | Should -Match '1 of 17 to accept'
        ($listener | Get-TcpInfo).Backlog | Should -Be 17
        (@($listener | Get-TcpInfo | Get-TcpConnection)).Count | Should -Be 1 -Because 'the account finds its row'
        Close-Socket $client, $listener
    }

    It 'takes rows that somebody made: <_>' -ForEach 'Csv', 'CliXml', 'Custom' {
        $row = Get-TcpConnection -LocalPort $local -RemotePort $connection.Port
        $made = switch ($_) {
            Csv { $row | ConvertTo-Csv | ConvertFrom-Csv }
            CliXml { $row | Export-Clixml TestDrive:/row.xml; Import-Clixml TestDrive:/row.xml }
            Custom { [pscustomobject]@{ LocalAddress = '127.0.0.1'; LocalPort = $local; RemoteAddress = '127.0.0.1'; RemotePort = "$($connection.Port)" } }
        }
        $made | Set-TcpKeepAlive -IdleTime 41
        ($made | Get-TcpKeepAlive).IdleTime | Should -Be '00:00:41'
        ($made | Get-TcpInfo).LocalPort | Should -Be $local
        $connection.Client | Set-TcpKeepAlive -IdleTime 50
        $gone = [pscustomobject]@{ LocalAddress = '127.0.0.1'; LocalPort = $local; RemoteAddress = '127.0.0.1'; RemotePort = 1 }
        $gone | Get-TcpKeepAlive -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ENOENT,*'
    }

    It 'takes the row of a connection that is over, which has no owner, also from CSV' {
        $pair = New-TestConnection
        $ports = @{ LocalPort = $pair.Client.LocalEndPoint.Port; RemotePort = $pair.Port }
        $pair.Client.Dispose()
        $pair.Server.Dispose()
        Wait-Until { (Get-TcpConnection @ports).State -eq 'TimeWait' } 'the end of both sides'
        $row = Get-TcpConnection @ports
        $row.OwningProcess | Should -BeNullOrEmpty
        foreach ($piped in $row, ($row | ConvertTo-Csv | ConvertFrom-Csv)) {
            ($piped | Get-TcpConnection -ErrorAction Stop).State | Should -Be TimeWait
            $piped | Wait-TcpConnection -State TimeWait -Quiet -Timeout 0 -ErrorAction Stop | Should -BeTrue
            $piped | Watch-TcpConnection -Timeout 0 -ErrorAction Stop | Should -BeNullOrEmpty
        }
    }

    It 'takes a row''s empty <Name> for one that is not named' -ForEach @(
        @{ Name = 'OwningProcess' }
        @{ Name = 'Id' }
        @{ Name = 'NetworkNamespace' }
    ) {
        foreach ($empty in $null, '') {
            $row = [pscustomobject]@{ LocalPort = $local; RemotePort = $connection.Port; $Name = $empty }
            ($row | Get-TcpConnection -ErrorAction Stop).LocalPort | Should -Be $local
        }
        $row = [pscustomobject]@{ LocalPort = $local; $Name = @() }
        { $row | Get-TcpConnection -ErrorAction Stop } | Should -Throw '*list is empty*'
    }

    It 'finds the connection of no row whose <Name> is <Value><Words>' -ForEach @(
        @{ Name = 'LocalAddress'; Value = '*' }
        @{ Name = 'LocalAddress'; Value = '127.0.0.?' }
        @{ Name = 'RemoteAddress'; Value = '127.0.0.0/8' }
        @{ Name = 'RemoteAddress'; Value = '127.0.0.1/32' }
        @{ Name = 'RemoteAddress'; Value = 'localhost' }
        @{ Name = 'NetworkNamespace'; Value = '*' }
        @{ Name = 'LocalPort'; Words = 'too large by 2^32'; Beyond = 4294967296 }
        @{ Name = 'Cookie'; Value = '*' }
    ) {
        $made = [pscustomobject]@{
            LocalAddress = '127.0.0.1'; LocalPort = $local; RemoteAddress = '127.0.0.1'; RemotePort = $connection.Port
            NetworkNamespace = ''; Cookie = ''
        }
        $made.$Name = $Beyond ? $Beyond + $local : $Value
        $connection.Client | Set-TcpKeepAlive -IdleTime 50
        foreach ($use in { Get-TcpInfo }, { Get-TcpKeepAlive }, { Set-TcpKeepAlive -IdleTime 43 }, { Test-TcpKeepAlive -Timeout 2 }, { Stop-TcpConnection -WhatIf }) {
            $command = [scriptblock]::Create("`$made | $use -ErrorAction SilentlyContinue -ErrorVariable failure")
            . $command | Should -BeNullOrEmpty
            $failure | Should -HaveCount 1 -Because "$use"
            $failure[0].FullyQualifiedErrorId | Should -BeLike 'EINVAL,*'
            "$($failure[0])" | Should -BeLike "*${Name}: *accepted*"
        }
        ($connection.Client | Get-TcpKeepAlive).IdleTime | Should -Be '00:00:50'
    }

    It 'is small in JSON' {
        (Get-TcpConnection -LocalPort $local -RemotePort $connection.Port -KeepAlive | ConvertTo-Json -Depth 4).Length | Should -BeLessThan 8192
    }

    It 'stops when enough is enough' {
        @(Get-TcpConnection | Select-Object -First 1).Count | Should -Be 1
    }

    It 'fits 80, 120 and 200 columns, with long addresses too' {
        $row = [pscustomobject]@{
            PSTypeName = 'NetKeepAlive.TcpConnection'; LocalAddress = '2001:db8:1234:5678:9abc:def0:1234:5678'; LocalPort = 54321
            RemoteAddress = '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'; RemotePort = 65535; State = 'Established'
            OwningProcessName = 'a-process-name'; OwningProcess = 4194304; Timer = 'KeepAlive'; TimerExpires = [timespan]'00:59:59'
            KeepAlive = [pscustomobject]@{ Enabled = $true; IdleTime = [timespan]'01:00:00'; Interval = [timespan]'00:01:15'; ProbeCount = 9 }
        }
        foreach ($width in 80, 120, 200) {
            $lines = ($row | Out-String -Width $width) -split "`n"
            ($lines.TrimEnd() | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual $width
            # An address is never cut, and the settings that were asked for are always there.
            $text = $lines -join "`n"
            $text | Should -Match ([regex]::Escape('[2001:db8:1234:5678:9abc:def0:1234:5678]:54321'))
            $text | Should -Match ([regex]::Escape('[2001:db8:ffff:ffff:ffff:ffff:ffff:ffff]:65535'))
            $text | Should -Match '1 h \+ 9 x 75 s'
            $text | Should -Match 'a-process-name\s'
            $text | Should -Match '\(4194304\)'
        }
        $lines[3] | Should -Match 'Established a-process-name +KeepAlive 3599 s +1 h \+ 9 x 75 s'
        (Get-TcpConnection -LocalPort $local -RemotePort $connection.Port | Format-List | Out-String) | Should -Match 'UserId'
    }

    It 'tells Multipath connections from others, listeners too' {
        $program = @'
import socket
l = socket.socket(2, 1, 262); l.bind(('127.0.0.1', 0)); l.listen()
c = socket.socket(2, 1, 262); c.connect(l.getsockname()); s, _ = l.accept()
p = socket.create_connection(l.getsockname())
print(l.getsockname()[1], c.getsockname()[1], p.getsockname()[1], flush=True)
input()
'@
        $holder = Start-TestProcess python3 '-c', $program
        try {
            $line = $holder.StandardOutput.ReadLine()
            if (-not $line) {
                Set-ItResult -Skipped -Because 'this kernel has no MPTCP'
            }
            $listening, $multipath, $plain = [int[]]$line.Split()
            (Get-TcpConnection -LocalPort $listening -State Listen).IsMultipath | Should -BeTrue
            (Get-TcpConnection -LocalPort $multipath -RemotePort $listening).IsMultipath | Should -BeTrue
            (Get-TcpConnection -LocalPort $listening -RemotePort $multipath).IsMultipath | Should -BeTrue
            (Get-TcpConnection -LocalPort $plain -RemotePort $listening).IsMultipath | Should -BeFalse
        } finally {
            Stop-TestProcess $holder
        }
    }

    It 'draws keep-alive on a line of time' {
        $text = Get-TcpConnection -LocalPort $local -RemotePort $connection.Port -KeepAlive | Format-Table -View Timeline | Out-String -Width 140
        $text | Should -Match '\|-- 50 s --o-- 6 s --o-- 6 s --o-- 6 s --o-- 6 s --x 1 m 14 s'
        $text = $connection.Client | Set-TcpKeepAlive -Disable -PassThru | Get-TcpKeepAlive | Format-Table -View Timeline | Out-String -Width 120
        $text | Should -Match 'never noticed'
    }

    It 'comes through another session''s serialization readable, comparable and formatted' {
        $null = $pair6.Client | Set-TcpKeepAlive -IdleTime 20 -Interval 5 -ProbeCount 2
        $far = Get-FromAfar "Get-TcpConnection -LocalPort $($pair6.Client.LocalEndPoint.Port) -RemotePort $($pair6.Port) -KeepAlive"
        $far.PSObject.TypeNames[0] | Should -Be 'Deserialized.NetKeepAlive.TcpConnection'
        @($far | Where-Object State -EQ Established).Count | Should -Be 1
        $far.KeepAlive.IdleTime | Should -Be '00:00:20'
        $far.Info.RoundTripTime | Should -BeOfType timespan
        $far | Set-TcpKeepAlive -IdleTime 5 -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'NotASocket,*'
        $failure[0].Exception.Message | Should -BeLike '*TcpConnection came from another session*'
        $far | Out-String -Width 120 | Should -Match '::1.*Established.*KeepAlive.*20 s \+ 2 x 5 s'
    }

    It 'names the parameter and the value that is no address' {
        Get-TcpConnection -RemoteAddress '[::1]' -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'EINVAL,*'
        $failure[0].TargetObject | Should -Be '[::1]'
        $failure[0].Exception.Message | Should -BeLike '-RemoteAddress:*'
        { Get-TcpConnection -LocalAddress 127.000.000.001 -ErrorAction Stop } | Should -Throw '*neither an address*'
        { Get-TcpConnection -LocalAddress fe80::1%nosuch -ErrorAction Stop } | Should -Throw "*no interface 'nosuch'*"
    }

    It 'shows the addresses of a dual-stack listener''s connections in full at 120 columns' {
        $listener = New-TcpSocketListener
        $client = Connect-TcpSocket 127.0.0.1 $listener.LocalPort
        # The client's end stands before the other does.
        Wait-Until { Get-TcpConnection -LocalPort $listener.LocalPort -State Established } 'the connection'
        $text = Get-TcpConnection -LocalPort $listener.LocalPort -State Established | Out-String -Width 120
        $text | Should -Match "127\.0\.0\.1:$($listener.LocalPort) +127\.0\.0\.1:$($client.LocalPort) "
        Close-Socket $client, $listener
    }

    It 'shows the connection of a setting and of a test that came from afar' {
        $local = $pair6.Client.LocalEndPoint.Port
        $text = Get-FromAfar "`$row = Get-TcpConnection -LocalPort $local -RemotePort $($pair6.Port); `$row | Get-TcpKeepAlive; `$row | Test-TcpKeepAlive" |
            Out-String -Width 160
        $text -split '\n' | Where-Object { $_ -match "\[::1\]:$local -> \[::1\]:$($pair6.Port)" } | Should -HaveCount 2
    }

    It 'works in ForEach-Object -Parallel' {
        $manifest = Get-TestManifest
        $text = Get-TcpConnection -LocalPort $local, $pair6.Client.LocalEndPoint.Port -RemotePort $connection.Port, $pair6.Port | ForEach-Object -Parallel {
            Import-Module $using:manifest
            $_ | Set-TcpKeepAlive -IdleTime 25 -PassThru
        } | Out-String -Width 120
        $text | Should -Match 'Established'
        ($pair6.Client | Get-TcpKeepAlive).IdleTime | Should -Be '00:00:25'
    }

    It 'as another user: own connections in full, others'' without their owner, and changing them refused' {
        Skip-WithoutNobody
        $answer = Invoke-AsNobody @"
`$listener = [Net.Sockets.TcpListener]::new([ipaddress]::Loopback, 0)
`$listener.Start()
`$own = [Net.Sockets.TcpClient]::new('127.0.0.1', `$listener.LocalEndpoint.Port)
`$row = Get-TcpConnection -LocalPort `$own.Client.LocalEndPoint.Port -RemotePort `$listener.LocalEndpoint.Port -KeepAlive
"own `$(`$row.OwningProcess -eq `$PID) `$(`$null -ne `$row.KeepAlive) `$((`$row | Set-TcpKeepAlive -IdleTime 31 -PassThru | Get-TcpKeepAlive).IdleTime)"
`$foreign = Get-TcpConnection -LocalPort $local -RemotePort $($connection.Port) -KeepAlive -WarningAction SilentlyContinue -WarningVariable warned
"foreign `$(`$foreign.State) `$(`$null -eq `$foreign.OwningProcess) `$(`$null -eq `$foreign.KeepAlive) `$((`$foreign | Get-TcpInfo).State)"
`$foreign | Set-TcpKeepAlive -IdleTime 30 -ErrorAction SilentlyContinue -ErrorVariable failure
"`$(`$failure[0].FullyQualifiedErrorId) `$(`$failure[0].Exception.Message)"
`$foreign | Stop-TcpConnection -Confirm:`$false -ErrorAction SilentlyContinue -ErrorVariable failure
"`$(`$failure[0].FullyQualifiedErrorId) `$(`$failure[0].Exception.Message)"
`$foreign | Test-TcpKeepAlive -ErrorAction SilentlyContinue -ErrorVariable failure
"`$(`$failure[0].FullyQualifiedErrorId)"
"`$(`$warned.Count) `$warned"
"@
        $answer[0] | Should -Be 'own True True 00:00:31'
        $answer[1] | Should -Be 'foreign Established True True Established'
        $answer[2] | Should -BeLike 'EPERM,* *same user*root*'
        $answer[3] | Should -BeLike 'EPERM,* *CAP_NET_ADMIN*'
        $answer[4] | Should -BeLike 'EPERM,*'
        $answer[5] | Should -BeLike '1 Of 1 socket, the owner of 1 and the keep-alive settings of 1 could not be read*'
    }

    It 'as another user: what may be somebody''s is counted, and is not gone' {
        Skip-WithoutNobody
        $answer = Invoke-AsNobody @"
`$name = Get-Content /proc/$PID/comm
foreach (`$filter in @{ OwningProcess = $PID }, @{ ProcessName = `$name }) {
    `$row = Get-TcpConnection @filter -LocalPort $local -RemotePort $($connection.Port) -WarningAction SilentlyContinue -WarningVariable warned
    "`$(`$null -eq `$row) `$(`$warned.Count) `$warned"
    Wait-TcpConnection @filter -LocalPort $local -RemotePort $($connection.Port) -Gone -Quiet -Timeout 0.1 -WarningAction SilentlyContinue
    # What this user holds is seen to be nobody else's.
    `$own = [Net.Sockets.TcpListener]::new([ipaddress]::Loopback, 0)
    `$own.Start()
    Wait-TcpConnection -OwningProcess $PID -LocalPort `$own.LocalEndpoint.Port -Gone -Quiet -Timeout 5
}
Wait-TcpConnection -IdleTimeOver 0 -LocalPort $local -RemotePort $($connection.Port) -Gone -Quiet -Timeout 0.1 -WarningAction SilentlyContinue
"@
        foreach ($turn in 0, 1) {
            $answer[3 * $turn] | Should -BeLike 'True 1 Of 1 socket, the owner of 1 could not be read for lack of rights, and 1 was left out.*'
            $answer[3 * $turn + 1] | Should -Be 'False'
            $answer[3 * $turn + 2] | Should -Be 'True'
        }
        $answer[6] | Should -Be 'False'
    }

    It 'as another user: who has ended and is not yet waited for holds nothing' {
        Skip-WithoutNobody
        $connection = New-TestConnection
        $answer = Invoke-AsNobody @'
# The child ends once its parent is a program that does not wait for it.
$start = [Diagnostics.ProcessStartInfo]::new('bash', [string[]]('-c', '(until [ "$(cat /proc/$$/comm)" = sleep ]; do sleep 0.1; done) & echo $!; exec sleep 60'))
$start.RedirectStandardOutput = $true
$parent = [Diagnostics.Process]::Start($start)
$ended = [int]$parent.StandardOutput.ReadLine()
$until = [DateTime]::UtcNow.AddSeconds(20)
while ((Get-Content /proc/$ended/stat) -notmatch '\) Z ' -and [DateTime]::UtcNow -lt $until) { }
(Get-Content /proc/$ended/stat) -match '\) Z '
Wait-TcpConnection -OwningProcess $ended -Gone -Quiet -Timeout 5
$parent.Kill()
'@
        $answer | Should -Be 'True', 'True'
        Close-Socket $connection.Client, $connection.Server
    }

    It 'finds the owners of very many sockets: <Where>' -ForEach @(
        @{ Where = 'as root'; Enter = @('--net') }
        @{ Where = 'in a pid namespace, by its own numbers'; Enter = @('--net', '--pid', '--mount-proc', '--fork') }
        @{ Where = 'without the kernel''s description of its types'; Enter = @('--net', '--mount'); First = 'mount -t tmpfs none /sys/kernel/btf && ' }
    ) {
        Skip-WithoutTool unshare, ip, python3
        if ((id -u) -ne 0) {
            Set-ItResult -Skipped -Because 'it takes root to make these namespaces'
        }
        # Connected pairs and their listener, all held by one other process; and one among them by its port.
        $script = "$TestDrive/many.ps1"
        Set-Content $script @"
Import-Module '$(Get-TestManifest)'
`$start = [Diagnostics.ProcessStartInfo]::new('python3', [string[]]('-c', @'
import os, socket, sys
listener = socket.create_server(('127.0.0.1', 0), backlog=512)
pairs = []
for _ in range(400):
    client = socket.create_connection(listener.getsockname())
    pairs.append((client, listener.accept()[0]))
print(os.getpid(), listener.getsockname()[1], pairs[200][0].getsockname()[1], flush=True)
sys.stdin.read()
'@))
`$start.RedirectStandardInput = `$start.RedirectStandardOutput = `$true
`$holder = [Diagnostics.Process]::Start(`$start)
`$process, `$port, `$one = -split `$holder.StandardOutput.ReadLine()
`$rows = Get-TcpConnection
"`$(`$rows.Count) `$(@(`$rows | Where-Object OwningProcess -EQ `$process).Count) `$((`$rows.OwningProcessName | Select-Object -Unique) -join ',')"
foreach (`$turn in 1, 2) {
    (Get-TcpConnection -LocalPort `$one -RemotePort `$port).OwningProcess -eq `$process
}
"`$((Get-TcpConnection -LocalPort `$one -RemotePort `$port | Set-TcpKeepAlive -IdleTime 33 -PassThru | Get-TcpKeepAlive).IdleTime)"
`$holder.Kill()
"@
        $pwsh = Get-TestPwsh
        $lines = unshare @Enter sh -c "$First ip link set lo up && exec `"`$@`"" sh @pwsh -NoProfile -File $script
        $lines | Should -Be '801 801 python3', 'True', 'True', '00:00:33'
    }
}
