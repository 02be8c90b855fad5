BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-Module (Join-Path $PSScriptRoot 'SocketTest.psm1')
    Import-TestModule
}

Describe 'Watch-TcpConnection' -Skip:(-not $IsLinux) {
    BeforeAll {
        # Of the listener's side: the kernel forgets the peer's port of a connection that its own side has reset.
        $watchScript = {
            param($port, $interval)
            Watch-TcpConnection -LocalPort $port -Interval $interval
        }
        # What was told so far: enumerating the output of a pipeline that runs waits for its end.
        function Get-Told($Watch) {
            for ($i = 0; $i -lt $Watch.Output.Count; $i++) {
                $Watch.Output[$i]
            }
        }
        # A connection that is opened, accepted and reset by the client after a while; the client's port.
        function Invoke-Connection($Listener, [int]$Milliseconds = 0) {
            $client = Connect-TcpSocket 127.0.0.1 $Listener.LocalPort
            $server = Receive-SocketConnection $Listener
            Start-Sleep -Milliseconds $Milliseconds
            $client.LocalPort
            Close-Socket $client -Reset
            Close-Socket $server
        }
        # Until the watch has told of one, it may not have begun. This one stays for some looks.
        function Wait-Watch($Watch, $Listener) {
            Wait-Until {
                $null = Invoke-Connection $Listener 200
                $Watch.Output.Count -gt 0
            } 'the watch'
        }
    }
    BeforeEach {
        $listener = New-TcpSocketListener 0 127.0.0.1
    }
    AfterEach {
        Close-Socket $listener
    }

    It 'tells what opens, changes and closes, and how much went' {
        $watch = Start-TestPipeline $watchScript $listener.LocalPort, 0.05
        Wait-Watch $watch $listener
        $client = Connect-TcpSocket 127.0.0.1 $listener.LocalPort
        $server = Receive-SocketConnection $listener
        $port = $client.LocalPort
        Wait-Until { @(Get-Told $watch).Where({ $_.Connection.RemotePort -eq $port -and $_.Change -eq 'Opened' }) } 'Opened'
        'hello' | Send-SocketData $client
        Disconnect-Socket $client
        Wait-Until { @(Get-Told $watch).Where({ $_.Connection.RemotePort -eq $port -and $_.Connection.State -eq 'CloseWait' }) } 'Changed'
        Close-Socket $server -Reset
        Wait-Until { @(Get-Told $watch).Where({ $_.Connection.RemotePort -eq $port -and $_.Change -eq 'Closed' }) } 'Closed'
        $null = Stop-TestPipeline $watch
        $changes = @(Get-Told $watch | Where-Object { $_.Connection.RemotePort -eq $port })
        $changes[0].Change | Should -Be Opened
        $changes[0].Previous | Should -BeNullOrEmpty
        $half = $changes | Where-Object { $_.Change -eq 'Changed' -and $_.Connection.State -eq 'CloseWait' } | Select-Object -First 1
        $half.Previous.State | Should -Be Established
        $half.Connection.OwningProcess | Should -Be $PID
        # The peer's FIN counts as one.
        ($changes | Measure-Object BytesReceived -Sum).Sum | Should -BeIn 5, 6
        $changes[-1].Change | Should -Be Closed
        @($changes | Where-Object Change -EQ Closed).Count | Should -Be 1
        ($changes | Out-String -Width 80) | Should -Match "Opened +127\.0\.0\.1:$($listener.LocalPort) +127\.0\.0\.1:$port +Established"
        foreach ($change in $changes) {
            ($change | ConvertTo-Json -Depth 4).Length | Should -BeLessThan 8192
        }
        Close-Socket $client
    }

    It 'has changes that Set-TcpKeepAlive -PassThru hands on with what is set now' {
        $watch = Start-TestPipeline $watchScript $listener.LocalPort, 0.05
        Wait-Watch $watch $listener
        $client = Connect-TcpSocket 127.0.0.1 $listener.LocalPort
        $server = Receive-SocketConnection $listener
        # A look before it was accepted tells of no owner, and a later one of the change.
        $isOwn = { $_.Connection.RemotePort -eq $client.LocalPort -and $_.Connection.OwningProcess }
        Wait-Until { @(Get-Told $watch).Where($isOwn) } 'the connection to have an owner'
        $change = @(Get-Told $watch).Where($isOwn)[0]
        $before = "$($change.Connection.KeepAlive)"
        $set = $change | Set-TcpKeepAlive -IdleTime 17 -Interval 10 -ProbeCount 3 -PassThru
        $set | Should -BeOfType NetKeepAlive.TcpConnectionChange
        "$($set.Connection.KeepAlive)" | Should -Be '17 s + 3 x 10 s'
        $set.Connection.OwningProcess | Should -Be $change.Connection.OwningProcess
        "$set" | Should -Be "$change"
        "$($change.Connection.KeepAlive)" | Should -Be $before -Because 'the watch compares with this row'
        $null = Stop-TestPipeline $watch
        Close-Socket $client, $server
    }

    It 'refuses an interval below the range that it accepts' {
        { Watch-TcpConnection -Interval 0.001 -Timeout 0.1 } | Should -Throw '*0.001 s is out of range*0.01 s to*' -ErrorId 'ParameterArgumentTransformationError,*'
    }

    It 'sees as root what comes and goes between two looks, once' {
        if ((id -u) -ne 0) {
            Set-ItResult -Skipped -Because 'it takes root'
        }
        $watch = Start-TestPipeline $watchScript $listener.LocalPort, 600
        Wait-Watch $watch $listener
        $ports = foreach ($i in 1..50) {
            Invoke-Connection $listener
        }
        Wait-Until { -not ($ports | Where-Object { $_ -notin (Get-Told $watch).Connection.RemotePort }) } 'every connection'
        $null = Stop-TestPipeline $watch
        foreach ($port in $ports) {
            $told = @(Get-Told $watch | Where-Object { $_.Connection.RemotePort -eq $port })
            $told.Count | Should -Be 1
            $told[0].Change | Should -Be Closed
            $told[0].Connection.OwningProcess | Should -BeNullOrEmpty
        }
    }

    It 'misses none and tells none twice while thousands come and go, a thousand a second where the machine can' {
        Skip-WithoutTool python3
        if ((id -u) -ne 0) {
            Set-ItResult -Skipped -Because 'it takes root'
        }
        $traffic = @'
import socket, struct, sys, time
listener = socket.create_server(('127.0.0.1', 0)); print(listener.getsockname()[1], flush=True)
begun = None
for line in sys.stdin:
    count = int(line); begun = time.monotonic()
    for i in range(count):
        client = socket.create_connection(listener.getsockname()); server = listener.accept()[0]
        print(client.getsockname()[1])
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)); client.close(); server.close()
        time.sleep(max(0, begun + i / 1000 - time.monotonic()))
    print('rate', count / (time.monotonic() - begun), flush=True)
'@
        $program = Start-TestProcess python3 '-c', $traffic
        function Invoke-Traffic([int]$Count) {
            $program.StandardInput.WriteLine($Count)
            while (($line = $program.StandardOutput.ReadLine()) -and $line -notlike 'rate*') {
                [int]$line
            }
        }
        try {
            $watch = Start-TestPipeline $watchScript ([int]$program.StandardOutput.ReadLine()), 0.5
            Wait-Until { $null = Invoke-Traffic 1; Start-Sleep -Milliseconds 100; $watch.Output.Count -gt 0 } 'the watch'
            Start-Sleep -Milliseconds 300
            $seen = @{ Early = @(Get-Told $watch).Connection.Cookie }
            $ports = @(Invoke-Traffic 3000)
            $ports | Should -HaveCount 3000
            # A port that was free again may have come twice: the ends are counted by port, and each by its cookie.
            $expected = @{}
            $ports | ForEach-Object { $expected[$_]++ }
            Wait-Until {
                $seen.Ends = @(Get-Told $watch | Where-Object { $_.Change -eq 'Closed' -and $_.Connection.Cookie -notin $seen.Early })
                $seen.Ends.Count -ge 3000
            } 'every connection to be told as closed' 60
            $told = @{}
            $seen.Ends | ForEach-Object { $told[$_.Connection.RemotePort]++ }
            $ports | Where-Object { $told[$_] -ne $expected[$_] } | Should -BeNullOrEmpty
            ($seen.Ends.Connection.Cookie | Select-Object -Unique).Count | Should -Be 3000
        } finally {
            $null = Stop-TestPipeline $watch
            Stop-TestProcess $program
        }
    }

    It 'tells of a connection that its own side resets what is known, and of one that waits for its end in the kernel alone one end' {
        if ((id -u) -ne 0) {
            Set-ItResult -Skipped -Because 'it takes root'
        }
        $watch = Start-TestPipeline { param($port) Watch-TcpConnection -RemotePort $port -Interval 0.05 } $listener.LocalPort
        Wait-Watch $watch $listener
        $reset = Connect-TcpSocket 127.0.0.1 $listener.LocalPort
        $closed = Connect-TcpSocket 127.0.0.1 $listener.LocalPort
        $servers = Receive-SocketConnection $listener -Count 2
        $ports = @{ Reset = $reset.LocalPort; Closed = $closed.LocalPort }
        Send-SocketData $closed ([byte[]]::new(50))
        Send-SocketData $reset ([byte[]]::new(5000))
        Wait-Until { @(Get-Told $watch).Where({ $_.Connection.LocalPort -in $ports.Values -and $_.Change -eq 'Opened' }).Count -eq 2 } 'both to be told as opened'
        Send-SocketData $reset ([byte[]]::new(3000))
        Close-Socket $reset -Reset
        # Without an owner the kernel keeps no more of it than its end needs, and calls that FinWait2.
        Close-Socket $closed
        Wait-Until { (Get-TcpConnection -LocalPort $ports.Closed -RemotePort $listener.LocalPort).Timer -eq 'TimeWait' } 'the kernel to keep its end alone'
        Wait-Until { @(Get-Told $watch).Where({ $_.Connection.LocalPort -in $ports.Values -and $_.Change -eq 'Closed' }).Count -ge 2 } 'both to be told as closed'
        # Some looks more.
        Start-Sleep -Milliseconds 300
        $null = Stop-TestPipeline $watch
        foreach ($port in $ports.Values) {
            $told = @(Get-Told $watch | Where-Object { $_.Connection.LocalPort -eq $port })
            $told.Where({ $_.Change -eq 'Opened' }) | Should -HaveCount 1
            $told.Where({ $_.Change -eq 'Closed' }) | Should -HaveCount 1
            $told[-1].Change | Should -Be Closed
            @($told.BytesSent) + $told.BytesReceived -like '-*' | Should -BeNullOrEmpty
        }
        @(Get-Told $watch | Where-Object { $_.Connection.LocalPort -eq $ports.Reset })[-1].BytesSent | Should -BeNullOrEmpty -Because 'the kernel has forgotten it'
        Wait-TcpConnection -LocalPort $ports.Closed -RemotePort $listener.LocalPort -Gone -Quiet -Timeout 5 | Should -BeTrue
        Close-Socket $servers
    }

    It 'keeps the owner and the settings that were known of a connection that the kernel alone still has<Asked>' -ForEach @(
        @{ Asked = ''; Filter = @{} }
        @{ Asked = ': -OwningProcess'; Filter = @{ OwningProcess = $PID } }
        @{ Asked = ': -ProcessName'; Filter = @{ ProcessName = (Get-Process -Id $PID).ProcessName } }
        @{ Asked = ': -IdleTimeOver'; Filter = @{ IdleTimeOver = 60 } }
    ) {
        $connection = New-TestConnection
        $port = $connection.Client.LocalEndPoint.Port
        try {
            Set-TcpKeepAlive $connection.Client -IdleTime 77
            $watch = Start-TestPipeline { param($port, $filter) Watch-TcpConnection -LocalPort $port @filter -KeepAlive -Interval 0.05 -Verbose } $port, $Filter
            Wait-Until { $watch.Shell.Streams.Verbose.Count -gt 0 } 'the first look'
            # What the peer does not take keeps it in FinWait1, which no process holds.
            $connection.Client.Blocking = $false
            { while ($connection.Client.Send([byte[]]::new(65536)) -gt 0) { } } | Should -Throw
            $connection.Client.Close()
            Wait-Until { (Get-TcpConnection -LocalPort $port).State -eq 'FinWait1' } 'FinWait1'
            (Get-TcpConnection -LocalPort $port).OwningProcess | Should -BeNullOrEmpty
            Wait-Until { @(Get-Told $watch).Where({ $_.Connection.State -eq 'FinWait1' }) } 'FinWait1 to be told'
            # Some looks more.
            Start-Sleep -Milliseconds 300
            $connection.Server.Close(0)
            Wait-Until { @(Get-Told $watch).Where({ $_.Change -eq 'Closed' }) } 'Closed'
            $null = Stop-TestPipeline $watch
            $told = @(Get-Told $watch)
            "$($told.Change)" | Should -Be 'Changed Closed'
            $told[0].Previous.State | Should -Be Established
            foreach ($row in $told.Connection) {
                $row.OwningProcess | Should -Be $PID
                $row.OwningProcessName | Should -Be $told[0].Previous.OwningProcessName
                $row.KeepAlive.IdleTime | Should -Be '00:01:17'
            }
        } finally {
            $connection.Client.Dispose()
            $connection.Server.Dispose()
        }
    }

    It 'tells the new owner of a connection that was handed on<Where>' -ForEach @(
        @{ Where = ''; Filter = @{} }
        @{ Where = ' to a process that is not asked for'; Filter = @{ OwningProcess = $true } }
    ) {
        Skip-WithoutTool python3
        # The child stays with it when the parent, whose id is lower as a rule, has closed it.
        $holders = Start-TestProcess python3 '-c', @'
import os, signal, socket, sys
connection = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
child = os.fork()
if child == 0:
    signal.pause()
print(os.getpid(), child, connection.getsockname()[1], flush=True)
sys.stdin.readline(); connection.close(); print('closed', flush=True)
sys.stdin.readline()
'@, $listener.LocalPort
        try {
            [int]$parent, [int]$child, [int]$port = $holders.StandardOutput.ReadLine() -split ' '
            if ($Filter.OwningProcess) { $Filter = @{ OwningProcess = $parent } }
            $watch = Start-TestPipeline { param($port, $filter) Watch-TcpConnection -LocalPort $port @filter -Interval 0.05 -Verbose } $port, $Filter
            Wait-Until { $watch.Shell.Streams.Verbose.Count -gt 0 } 'the first look'
            $holders.StandardInput.WriteLine()
            $null = $holders.StandardOutput.ReadLine()
            Wait-Until { @(Get-Told $watch).Count -gt 0 } 'Changed'
            # Some looks more.
            Start-Sleep -Milliseconds 300
            $null = Stop-TestPipeline $watch
            $told = @(Get-Told $watch)
            "$($told.Change)" | Should -Be 'Changed'
            $told[0].Previous.OwningProcess | Should -Be $parent
            $told[0].Connection.OwningProcess | Should -Be $child
        } finally {
            Stop-Process -Id $child -ErrorAction Ignore
            Stop-TestProcess $holders
        }
    }

    It 'tells of an end in TimeWait without rights, too' {
        Skip-WithoutNobody
        Invoke-AsNobody @'
$listener = New-TcpSocketListener 0 127.0.0.1
$watch = Start-ThreadJob { param($module, $port) Import-Module $module; Watch-TcpConnection -RemotePort $port -Interval 0.05 -Timeout 60 } -ArgumentList (Get-Module NetKeepAlive).Path, $listener.LocalPort
$until = [datetime]::Now.AddSeconds(50)
# Until the watch tells of one, it may not have begun.
while (-not (Receive-Job $watch -Keep | Where-Object Change -EQ Closed) -and [datetime]::Now -lt $until) {
    $client = Connect-TcpSocket 127.0.0.1 $listener.LocalPort
    $server = Receive-SocketConnection $listener
    Start-Sleep -Milliseconds 300
    # Who closes first keeps it in TimeWait.
    Close-Socket $client
    Start-Sleep -Milliseconds 100
    Close-Socket $server
    Start-Sleep -Milliseconds 300
}
$told = @(Receive-Job $watch -Keep)
$port = $told.Where({ $_.Change -eq 'Closed' })[0].Connection.LocalPort
"$($told.Where({ $_.Connection.LocalPort -eq $port }).Change)"
Stop-Job $watch
'@ | Should -Match '^(Opened )?(Changed )*Closed$'
    }

    It 'ends when its time is over, without an error, and at once on Ctrl+C' {
        Watch-TcpConnection -RemotePort $listener.LocalPort -Timeout 0.1 -ErrorVariable failure | Should -BeNullOrEmpty
        $failure | Should -BeNullOrEmpty
        Measure-TestStop { Watch-TcpConnection -RemotePort 1 -Interval 60 } | Should -BeLessThan 200
    }
}
