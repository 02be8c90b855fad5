BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'StreamTest.psm1')
    Import-TestModule
}

Describe 'New-ReuseportListener' {
    AfterEach {
        $group, $other | ForEach-Object { $_ } | ForEach-Object Dispose
        $group = $other = $null
    }

    It 'makes -Count listeners on one port that the kernel chose' {
        $group = New-ReuseportListener 0 127.0.0.1 -Count 4
        $group.Count | Should -Be 4
        @($group.LocalPort | Sort-Object -Unique).Count | Should -Be 1
        $group[0].Kind | Should -Be Reuseport
        ($group[3] | Get-SocketOption ReusePort).Value | Should -BeTrue
        (Get-Item "/proc/$PID/fd/$($group[3].Socket.Handle)" -ErrorAction Ignore)?.LinkTarget | Should -BeLike ($IsLinux ? 'socket:*' : '')
    }

    It 'is joined by its like, and by no plain listener' {
        $group = @(New-ReuseportListener 0 127.0.0.1)
        $other = New-ReuseportListener $group[0].LocalPort 127.0.0.1
        $other.LocalPort | Should -Be $group[0].LocalPort
        { New-TcpSocketListener $group[0].LocalPort 127.0.0.1 -ErrorAction Stop } | Should -Throw -ErrorId 'EADDRINUSE,*'
    }

    It 'does not join a plain listener' {
        $other = New-TcpSocketListener 0 127.0.0.1
        { New-ReuseportListener $other.LocalPort 127.0.0.1 -ErrorAction Stop } | Should -Throw -ErrorId 'EADDRINUSE,*'
    }

    It 'gives two processes with four listeners a fair share of 10,000 connections' {
        if ($IsLinux -and [int](Get-Content /proc/sys/net/core/somaxconn) -lt 4096) {
            Set-ItResult -Skipped -Because 'net.core.somaxconn is less than 4096: the queues are too short for this test'
        }
        # All wait in the kernel's queues, from which each listener's share is counted.
        $group = New-ReuseportListener 0 127.0.0.1 -Count 2 -Backlog 4096
        $port = $group[0].LocalPort
        $count = 'foreach ($listener in $group) { $number = 0; foreach ($socket in $listener | Receive-SocketConnection -Count 10000 -Timeout 0.3 -ErrorAction Ignore) { $number++; $socket.Dispose() }; "count $number" }'
        $worker = Start-TestPwsh '-NoProfile', '-NonInteractive', '-Command', @"
Import-Module '$(Get-TestManifest)'
`$group = New-ReuseportListener $port 127.0.0.1 -Count 2 -Backlog 4096
'ready'
`$null = [Console]::In.ReadLine()
$count
"@
        try {
            $null = Wait-TestOutput $worker.StandardOutput '^ready' 60
            $address = [ipaddress]::Loopback
            foreach ($i in 1..10000) {
                $socket = [System.Net.Sockets.Socket]::new('InterNetwork', 'Stream', 'Tcp')
                $socket.Connect($address, $port)
                $socket.Dispose()
            }
            $worker.StandardInput.WriteLine('count')
            $shares = @(& ([scriptblock]::Create($count))) + ($worker.StandardOutput.ReadToEnd() -split "`n") |
                Where-Object { $_ -match 'count (\d+)' } | ForEach-Object { [int]$Matches[1] }
            $shares.Count | Should -Be 4
            ($shares | Measure-Object -Sum).Sum | Should -Be 10000
            # A hash that spreads evenly gives 2,500 each, give or take 43 (one standard deviation).
            $shares | ForEach-Object { $_ | Should -BeGreaterThan 2200 -Because "$shares" }
        } finally {
            Stop-TestProcess $worker
        }
    }

    It 'steers connections to the listener of their CPU' {
        Skip-WithoutTool taskset, nc
        if ([Environment]::ProcessorCount -lt 2) {
            Set-ItResult -Skipped -Because 'one CPU only'
        }
        $group = New-ReuseportListener 0 127.0.0.1 -Count ([Environment]::ProcessorCount) -Steering Cpu
        foreach ($cpu in 0, 1) {
            foreach ($round in 1..10) {
                taskset -c $cpu nc -z 127.0.0.1 $group[0].LocalPort
                $accepted = $group[$cpu] | Receive-SocketConnection -Timeout 5
                $accepted | Should -Not -BeNullOrEmpty -Because "CPU $cpu, round $round"
                $accepted.Dispose()
            }
        }
    }
}
