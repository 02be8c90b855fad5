BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-TestModule

    # What ss says of the timer of a connection: the seconds left, to the whole second.
    function Get-SsTimer([int]$LocalPort) {
        $line = ss -tno "sport = :$LocalPort" | Select-Object -Last 1
        if ($line -match 'timer:\(keepalive,(?:(?<m>\d+)min)?(?:(?<s>\d+)sec)?') {
            60 * [int]($Matches['m'] ?? 0) + [int]($Matches['s'] ?? 0)
        }
    }
}

Describe 'Set-TcpKeepAlive' {
    BeforeEach {
        $connection = New-TestConnection
    }
    AfterEach {
        $connection.Client.Dispose()
        $connection.Server.Dispose()
    }

    It 'sets all four over <_> and turns keep-alive on' -ForEach '127.0.0.1', '::1' {
        $pair = New-TestConnection $_
        try {
            $set = $pair.Client |
                Set-TcpKeepAlive -IdleTime 30 -Interval 10 -ProbeCount 3 -UserTimeout 45s -PassThru |
                Get-TcpKeepAlive
            $set.Enabled | Should -BeTrue
            $set.IdleTime | Should -Be '00:00:30'
            $set.Interval | Should -Be '00:00:10'
            $set.ProbeCount | Should -Be 3
            $set.UserTimeout | Should -Be '00:00:45'
        } finally {
            $pair.Client.Dispose()
            $pair.Server.Dispose()
        }
    }

    It 'changes only what is named' {
        $before = $connection.Client | Set-TcpKeepAlive -IdleTime 30 -PassThru | Get-TcpKeepAlive
        $after = $connection.Client | Set-TcpKeepAlive -ProbeCount 7 -PassThru -WarningAction Stop | Get-TcpKeepAlive
        $after.ProbeCount | Should -Be 7
        $after.IdleTime | Should -Be $before.IdleTime
        $after.Interval | Should -Be $before.Interval
        $after.UserTimeout | Should -Be $before.UserTimeout
    }

    It 'takes many sockets as an argument, too' {
        Set-TcpKeepAlive $connection.Client, $connection.Server -IdleTime 31
        ($connection.Client, $connection.Server | Get-TcpKeepAlive).IdleTime.TotalSeconds | Should -Be 31, 31
    }

    It 'leaves the socket as it was when the kernel refuses one setting in the middle' {
        Skip-WithoutTool strace
        $go = Join-Path $TestDrive 'go'
        $script = @"
`$PSStyle.OutputRendering = 'PlainText'
Import-Module '$(Get-TestManifest)'
`$socket = [System.Net.Sockets.Socket]::new('InterNetwork', 'Stream', 'Tcp')
`$socket | Set-TcpKeepAlive -IdleTime 100 -Interval 50 -ProbeCount 5
'ready'
while (-not (Test-Path '$go')) { Start-Sleep -Milliseconds 20 }
`$socket | Set-TcpKeepAlive -IdleTime 30 -Interval 10 -ProbeCount 3 -ErrorAction SilentlyContinue -ErrorVariable failure
`$failure[0].FullyQualifiedErrorId
`$now = `$socket | Get-TcpKeepAlive
"`$(`$now.IdleTime.TotalSeconds) `$(`$now.Interval.TotalSeconds) `$(`$now.ProbeCount)"
"@
        $shell = Start-TestPwsh '-NoLogo', '-NoProfile', '-Command', $script
        $tracer = $null
        try {
            $shell.StandardOutput.ReadLine() | Should -Be 'ready'
            # The first call sets the idle time; the second, the interval, is refused.
            $tracer = Start-TestProcess strace '-f', '-q', '-e', 'trace=setsockopt', '-e', 'inject=setsockopt:error=EPERM:when=2', '-o', "$TestDrive/trace", '-p', $shell.Id
            # strace -f takes the threads one by one.
            Wait-Until { -not (Get-Content "/proc/$($shell.Id)/task/*/status" | Select-String '^TracerPid:\s*0$') } 'strace'
            $null = New-Item $go
            $shell.StandardOutput.ReadLine() | Should -BeLike 'EPERM,*' -Because (Get-Content "$TestDrive/trace" -Raw)
            $shell.StandardOutput.ReadLine() | Should -Be '100 50 5'
        } finally {
            Stop-TestProcess $shell
            Stop-TestProcess $tracer
        }
    }

    It 'turns keep-alive off with -Disable and leaves the rest' {
        $connection.Client | Set-TcpKeepAlive -IdleTime 30
        $off = $connection.Client | Set-TcpKeepAlive -Disable -PassThru | Get-TcpKeepAlive
        $off.Enabled | Should -BeFalse
        $off.IdleTime | Should -Be '00:00:30'
    }

    It 'takes <Text> for <Expected>' -ForEach @(
        @{ Text = 30; Expected = '00:00:30' }
        @{ Text = 2.5; Expected = '00:00:03' }
        @{ Text = '30'; Expected = '00:00:30' }
        @{ Text = '250ms'; Expected = '00:00:01' }
        @{ Text = '2m'; Expected = '00:02:00' }
        @{ Text = '1h'; Expected = '01:00:00' }
        @{ Text = '00:01:00'; Expected = '00:01:00' }
        @{ Text = [timespan]'00:00:42'; Expected = '00:00:42' }
        @{ Text = 32767; Expected = '09:06:07' }
    ) {
        ($connection.Client | Set-TcpKeepAlive -IdleTime $Text -PassThru | Get-TcpKeepAlive).IdleTime | Should -Be $Expected
    }

    It 'takes 1d for a day, without quotes too' {
        # PowerShell itself reads 1d as the decimal 1.
        ($connection.Client | Set-TcpKeepAlive -UserTimeout 1d -PassThru -WarningAction SilentlyContinue | Get-TcpKeepAlive).UserTimeout | Should -Be '1.00:00:00'
        { $connection.Client | Set-TcpKeepAlive -IdleTime 1d } | Should -Throw '*86400 s*1 s to 32767 s*'
        $one = 1d
        ($connection.Client | Set-TcpKeepAlive -UserTimeout $one -PassThru -WarningAction SilentlyContinue | Get-TcpKeepAlive).UserTimeout | Should -Be '00:00:01'
    }

    It 'refuses <Parameter> <Value> before it touches the socket' -ForEach @(
        @{ Parameter = 'IdleTime'; Value = 0; Words = '*1 s to 32767 s*' }
        @{ Parameter = 'IdleTime'; Value = -1; Words = '*1 s to 32767 s*' }
        @{ Parameter = 'IdleTime'; Value = 32768; Words = '*32768 s*1 s to 32767 s*' }
        @{ Parameter = 'IdleTime'; Value = 'abc'; Words = "*'abc' is not a duration*30s*" }
        @{ Parameter = 'Interval'; Value = 0; Words = '*1 s to 32767 s*' }
        @{ Parameter = 'ProbeCount'; Value = 0; Words = '*1*' }
        @{ Parameter = 'ProbeCount'; Value = 128; Words = '*127*' }
        @{ Parameter = 'UserTimeout'; Value = -1; Words = '*0 s to *' }
    ) {
        $before = $connection.Client | Get-TcpKeepAlive
        $parameters = @{ $Parameter = $Value }
        $failure = { $connection.Client | Set-TcpKeepAlive @parameters -ErrorAction Stop } | Should -Throw -PassThru
        $failure.Exception.Message | Should -BeLike "*'$Parameter'*"
        $failure.Exception.Message | Should -BeLike $Words
        $connection.Client | Get-TcpKeepAlive | Should -Be $before
    }

    It 'refuses a Unix socket and a UDP socket, and does the others of the pipeline' {
        $unix = [System.Net.Sockets.Socket]::new('Unix', 'Stream', 'Unspecified')
        $udp = [System.Net.Sockets.UdpClient]::new()
        try {
            $unix, $connection.Client, $udp, $connection.Server |
                Set-TcpKeepAlive -IdleTime 30 -ErrorAction SilentlyContinue -ErrorVariable failures
            $failures.Count | Should -Be 2
            $failures.FullyQualifiedErrorId | Should -BeLike 'EOPNOTSUPP,*'
            $failures[0].Exception.Message | Should -BeLike '*not a TCP socket*'
            $failures[0].TargetObject | Should -Be $unix
            ($connection.Client, $connection.Server | Get-TcpKeepAlive).Enabled | Should -Be $true, $true
        } finally {
            $unix.Dispose()
            $udp.Dispose()
        }
    }

    It 'warns once when the idle time stays at two hours' {
        $idle = ($connection.Client | Get-TcpKeepAlive).IdleTime
        if ($idle -lt [timespan]'02:00:00') {
            Set-ItResult -Skipped -Because "this system's default idle time is $idle"
        }
        $connection.Client, $connection.Server | Set-TcpKeepAlive -WarningVariable warnings -WarningAction SilentlyContinue
        $warnings.Count | Should -Be 1
        $warnings[0].Message | Should -BeLike '*2 h*-IdleTime 30*'
        $connection.Client | Set-TcpKeepAlive -Disable -WarningAction Stop
    }

    It 'changes nothing with -WhatIf' {
        $connection.Client | Set-TcpKeepAlive -IdleTime 30 -WhatIf
        ($connection.Client | Get-TcpKeepAlive).Enabled | Should -BeFalse
    }

    It 'shows ss the timer that was set' {
        Skip-WithoutTool ss
        $connection.Client | Set-TcpKeepAlive -IdleTime 300
        Get-SsTimer $connection.Client.LocalEndPoint.Port | Should -BeIn (295..300)
    }

    It 'reaches an established TLS stream of openssl s_server' {
        Skip-WithoutTool openssl, ss
        $folder = $TestDrive
        openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -keyout "$folder/key.pem" -out "$folder/cert.pem" 2>$null
        $server = Start-TestProcess openssl 's_server', '-accept', '127.0.0.1:0', '-key', "$folder/key.pem", '-cert', "$folder/cert.pem"
        try {
            # It prints "ACCEPT 127.0.0.1:port" when it listens.
            $line = ''
            Wait-Until { $script:line = $server.StandardOutput.ReadLine(); $script:line -match '^ACCEPT .*:(\d+)$' } 's_server'
            $port = [int]($script:line -replace '.*:')
            $client = [System.Net.Sockets.TcpClient]::new('127.0.0.1', $port)
            Add-Type -TypeDefinition 'public static class AcceptAny { public static readonly System.Net.Security.RemoteCertificateValidationCallback Callback = (a, b, c, d) => true; }'
            $tls = [System.Net.Security.SslStream]::new($client.GetStream(), $false, [AcceptAny]::Callback)
            $tls.AuthenticateAsClient('localhost')
            $tls.IsEncrypted | Should -BeTrue
            $tls | Set-TcpKeepAlive -IdleTime 200
            Get-SsTimer $client.Client.LocalEndPoint.Port | Should -BeIn (195..200)
            $tls.Dispose()
        } finally {
            Stop-TestProcess $server
        }
    }

    It 'changes the connection of a running redis-cli by process and descriptor' {
        Skip-WithoutTool redis-server, redis-cli, ss
        if (-not $IsLinux) {
            Set-ItResult -Skipped -Because 'Linux only'
        }
        # A free port: redis-server has no way to let the kernel choose and say which.
        $probe = [System.Net.Sockets.TcpListener]::new([ipaddress]::Loopback, 0)
        $probe.Start()
        $port = $probe.LocalEndpoint.Port
        $probe.Stop()
        $server = Start-TestProcess redis-server '--bind', '127.0.0.1', '--port', $port, '--save', '', '--tcp-keepalive', 0, '--dir', "$TestDrive"
        $client = $null
        try {
            Wait-Until { redis-cli -p $port ping 2>$null } 'redis-server'
            $client = Start-TestProcess redis-cli '-p', $port
            $client.StandardInput.WriteLine('ping')
            $client.StandardOutput.ReadLine() | Should -Be 'PONG'
            $descriptor = Get-ChildItem "/proc/$($client.Id)/fd" |
                Where-Object { $_.LinkTarget -like 'socket:*' } |
                ForEach-Object { [int]$_.Name } | Select-Object -First 1
            Set-TcpKeepAlive -ProcessId $client.Id -FileDescriptor $descriptor -IdleTime 250 -Interval 5 -ProbeCount 4
            $set = Get-TcpKeepAlive -ProcessId $client.Id -FileDescriptor $descriptor
            $set.IdleTime | Should -Be '00:04:10'
            $set.ProbeCount | Should -Be 4
            $timer = ss -tnop "dport = :$port" | Where-Object { $_ -match "pid=$($client.Id)," }
            $timer | Should -Match 'timer:\(keepalive,4min'
            $client.StandardInput.WriteLine('ping')
            $client.StandardOutput.ReadLine() | Should -Be 'PONG' -Because 'the client goes on working'
        } finally {
            Stop-TestProcess $client
            Stop-TestProcess $server
        }
    }

    It 'sets the system''s defaults, in a namespace of its own' {
        Skip-WithoutNamespace
        $answer = Invoke-InNamespace @'
Set-TcpKeepAlive -SystemDefault -IdleTime 120 -Interval 20 -ProbeCount 4
$now = Get-TcpKeepAlive -SystemDefault
"$($now.IdleTime) $($now.Interval) $($now.ProbeCount) $(Get-Content /proc/sys/net/ipv4/tcp_keepalive_time)"
Set-TcpKeepAlive -SystemDefault -ErrorAction SilentlyContinue -ErrorVariable failure 2>$null
'@
        $answer[0] | Should -Be '00:02:00 00:00:20 4 120'
    }

    It 'refuses to set the system''s defaults without root' {
        Skip-WithoutNobody
        $answer = Invoke-AsNobody @'
Set-TcpKeepAlive -SystemDefault -IdleTime 120 -ErrorAction SilentlyContinue -ErrorVariable failure
"$($failure[0].FullyQualifiedErrorId)|$($failure[0].CategoryInfo.Category)|$($failure[0].Exception.Message)"
'@
        $answer | Should -BeLike 'EACCES,*|PermissionDenied|*root*'
    }

    It 'notices a dead peer when DetectionTime says, the user timeout''s included' {
        Skip-WithoutNamespace
        # Three connections at once: two decided by the probes, one by the user timeout.
        $answer = Invoke-InNamespace @'
$listener = [System.Net.Sockets.TcpListener]::new([ipaddress]::Loopback, 0)
$listener.Start()
$cases = @{ IdleTime = 1; Interval = 1; ProbeCount = 2 },
    @{ IdleTime = 2; Interval = 1; ProbeCount = 3 },
    @{ IdleTime = 1; Interval = 1; ProbeCount = 9; UserTimeout = 4 }
$all = foreach ($case in $cases) {
    $client = [System.Net.Sockets.TcpClient]::new('127.0.0.1', $listener.LocalEndpoint.Port)
    $peer = $listener.AcceptTcpClient()
    [pscustomobject]@{ Client = $client; Peer = $peer; Case = $case }
}
foreach ($one in $all) {
    $case = $one.Case
    $expected = ($one.Client | Set-TcpKeepAlive @case -PassThru | Get-TcpKeepAlive).DetectionTime.TotalSeconds
    $one | Add-Member Expected $expected
    $one | Add-Member Read $one.Client.GetStream().ReadAsync([byte[]]::new(1), 0, 1)
    $one | Add-Member Took $null
}
ip link set lo down
$clock = [System.Diagnostics.Stopwatch]::StartNew()
$probes = 0
while (($all | Where-Object { $null -eq $_.Took }) -and $clock.Elapsed.TotalSeconds -lt 20) {
    foreach ($one in $all) {
        if ($null -eq $one.Took -and $one.Read.IsCompleted) { $one.Took = $clock.Elapsed.TotalSeconds }
    }
    if ($null -eq $all[1].Took) {
        $probes = [math]::Max($probes, ($all[1].Client | Get-TcpInfo -ErrorAction Ignore).Probes)
    }
    Start-Sleep -Milliseconds 10
}
"probes $probes"
foreach ($one in $all) {
    "$($one.Expected) $($one.Took) $($one.Read.Exception.InnerException.InnerException.SocketErrorCode)"
}
'@
        $answer.Count | Should -Be 4 -Because ($answer -join "`n")
        $answer[0] | Should -Match 'probes [123]' -Because 'TcpInfo counts the probes that nobody answered'
        foreach ($line in $answer[1..3]) {
            [double]$expected, [double]$took, $reason = -split $line
            $reason | Should -Be TimedOut
            [math]::Abs($took - $expected) | Should -BeLessThan 1 -Because "predicted $expected s, measured $took s"
        }
    }
}
