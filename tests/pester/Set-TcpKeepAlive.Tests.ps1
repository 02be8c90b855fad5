BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-Module (Join-Path $PSScriptRoot 'StreamTest.psm1')
    Import-TestModule

    # What ss says of the timer of a connection: the seconds left, to the whole second.
    function Get-SsTimer([int]$LocalPort, [int]$RemotePort) {
        $line = ss -tno "sport = :$LocalPort and dport = :$RemotePort" | Select-Object -Last 1
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
            $tracer = Start-TestTracer $shell setsockopt:error=EPERM:when=2 "$TestDrive/trace"
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

    It 'takes a duration as it was typed, without quotes too: <Typed>' -ForEach @(
        # PowerShell itself reads these as numbers: 2.5s is the short 2, 1d the decimal 1.
        @{ Typed = '2.5s'; Expected = 2.5 }
        @{ Typed = '1.2s'; Expected = 1.2 }
        @{ Typed = '0.5s'; Expected = 0.5 }
        @{ Typed = '30s'; Expected = 30 }
        @{ Typed = '1d'; Expected = 86400 }
        @{ Typed = '250ms'; Expected = 0.25 }
        @{ Typed = '2m'; Expected = 120 }
        @{ Typed = '1.5h'; Expected = 5400 }
        @{ Typed = '90'; Expected = 90 }
        @{ Typed = '1e2'; Expected = 100 }
        @{ Typed = '0x10'; Expected = 16 }
    ) {
        & ([scriptblock]::Create("`$connection.Client | Set-TcpKeepAlive -UserTimeout $Typed -WarningAction SilentlyContinue"))
        ($connection.Client | Get-TcpKeepAlive).UserTimeout.TotalSeconds | Should -Be $Expected
    }

    It 'refuses the suffix of a PowerShell number that is no unit: <_>' -ForEach '30kb', '1mb', '5l', '5u', '3y', '2us', '7n' {
        { & ([scriptblock]::Create("`$connection.Client | Set-TcpKeepAlive -UserTimeout $_")) } |
            Should -Throw "*PowerShell reads $_ as the number*quotes*"
    }

    It 'refuses null for a setting that was named: <_>' -ForEach 'IdleTime', 'Interval', 'ProbeCount', 'UserTimeout', 'DetectWithin' {
        $parameters = @{ $_ = $null }
        { $connection.Client | Set-TcpKeepAlive @parameters } | Should -Throw "*'$_'*null*"
    }

    It 'says with -Verbose what the kernel gets' {
        $said = $connection.Client | Set-TcpKeepAlive -IdleTime 2.5 -Interval 1 -Verbose 4>&1
        "$said" | Should -BeLike '*idle time 3 s (2.500 s rounded up), interval 1 s*'.Replace('2.500', '2.5')
    }

    Context '-DetectWithin' {
        It 'sets the four from the aim: <Within> s' -ForEach @(
            @{ Within = 4; Idle = 1; Interval = 1 }
            @{ Within = 10; Idle = 7; Interval = 1 }
            @{ Within = 20; Idle = 11; Interval = 3 }
            @{ Within = 60.9; Idle = 30; Interval = 10 }
            @{ Within = 65533; Idle = 32767; Interval = 10922 }
        ) {
            $set = $connection.Client | Set-TcpKeepAlive -DetectWithin $Within -PassThru | Get-TcpKeepAlive
            $set.IdleTime.TotalSeconds | Should -Be $Idle
            $set.Interval.TotalSeconds | Should -Be $Interval
            $set.ProbeCount | Should -Be 3
            $set.UserTimeout.TotalSeconds | Should -Be ([math]::Floor($Within))
            $set.DetectionTime.TotalSeconds | Should -Be ([math]::Floor($Within))
            $set.InFlightDetectionTime.TotalSeconds | Should -Be ([math]::Floor($Within))
        }

        It 'lets a setting that is named beside it win' {
            $set = $connection.Client | Set-TcpKeepAlive -DetectWithin 60 -IdleTime 10 -PassThru | Get-TcpKeepAlive
            $set.IdleTime.TotalSeconds | Should -Be 10
            $set.Interval.TotalSeconds | Should -Be 10
            $set.UserTimeout.TotalSeconds | Should -Be 60
        }

        It 'refuses settings that break the aim: <Words>' -ForEach @(
            @{ Other = @{ IdleTime = 55 }; Words = '*65 s*when idle*' }
            @{ Other = @{ UserTimeout = 61 }; Words = '*1 m 10 s*when idle*' }
            @{ Other = @{ UserTimeout = 0 }; Words = '*with data in flight*' }
        ) {
            $before = $connection.Client | Get-TcpKeepAlive
            { $connection.Client | Set-TcpKeepAlive -DetectWithin 60 @Other } | Should -Throw $Words.Replace('65 s', '1 m 5 s')
            $connection.Client | Get-TcpKeepAlive | Should -Be $before
        }

        It 'refuses <_>' -ForEach 3.9, 65534, 0, -1 {
            { $connection.Client | Set-TcpKeepAlive -DetectWithin $_ } | Should -Throw "*'DetectWithin'*4 s to 65533*"
        }

        It 'is taken by Connect-TcpSocket and the listeners, for what they accept' {
            $listener = New-TcpSocketListener -Address 127.0.0.1 -DetectWithin 20
            $client = Connect-TcpSocket 127.0.0.1 $listener.LocalPort -DetectWithin 60
            $accepted = $listener | Receive-SocketConnection -Timeout 10
            try {
                ($client | Get-TcpKeepAlive).DetectionTime.TotalSeconds | Should -Be 60
                ($accepted | Get-TcpKeepAlive).DetectionTime.TotalSeconds | Should -Be 20
            } finally {
                $client, $accepted, $listener | Close-Socket
            }
        }

        It 'sets the idle settings of an MPTCP socket, and warns once that there is no user timeout' {
            Skip-WithoutTool python3
            $holder = Start-TestProcess python3 '-c', "import socket; a = socket.socket(2, 1, 262); b = socket.socket(2, 1, 262); print(a.fileno(), b.fileno(), flush=True); input()"
            try {
                $numbers = -split $holder.StandardOutput.ReadLine()
                if (-not $numbers) {
                    Set-ItResult -Skipped -Because 'this kernel has no MPTCP'
                }
                $numbers | ForEach-Object { Import-SocketHandle -ProcessId $holder.Id -FileDescriptor $_ } | Set-Variable sockets
                $sockets | Set-TcpKeepAlive -DetectWithin 60 -WarningVariable warnings -WarningAction SilentlyContinue
                $warnings.Count | Should -Be 1
                $warnings[0].Message | Should -BeLike '*MPTCP*'
                $set = $sockets | Get-TcpKeepAlive
                $set.IdleTime.TotalSeconds | Should -Be 30, 30
                $set[0].UserTimeout | Should -BeNullOrEmpty
                $sockets | Close-Socket
            } finally {
                Stop-TestProcess $holder
            }
        }
    }

    It 'turns keep-alive on whichever setting is named, and warns where two hours of idle time stay: <_>' -ForEach 'Interval', 'ProbeCount', 'UserTimeout' {
        $setting = @{ $_ = 3 }
        $listener = New-TcpSocketListener -Address 127.0.0.1 @setting -WarningVariable fromListener -WarningAction SilentlyContinue
        $client = Connect-TcpSocket 127.0.0.1 $listener.LocalPort @setting -WarningVariable fromClient -WarningAction SilentlyContinue
        $accepted = $listener | Receive-SocketConnection -Timeout 10
        try {
            ($client, $accepted | Get-TcpKeepAlive).Enabled | Should -Be $true, $true
            if (($client | Get-TcpKeepAlive).IdleTime.TotalHours -ge 2) {
                $fromListener.Count, $fromClient.Count | Should -Be 1, 1
                $fromClient[0].Message | Should -BeLike '*2 h*'
            }
        } finally {
            $client, $accepted, $listener | Close-Socket
        }
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

    It 'hands on with -PassThru what is set now: <Name>' -ForEach @(
        @{ Name = 'a row'; Row = { Get-Row } ; Expected = 'TcpKeepAlive' }
        @{ Name = 'a row of CSV'; Row = { Get-Row | ConvertTo-Csv | ConvertFrom-Csv }; Expected = 'String' }
        @{ Name = 'a selection'; Row = { Get-Row | Select-Object * }; Expected = 'TcpKeepAlive' }
        @{ Name = 'a row of CLIXML'; Row = { [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize((Get-Row))) }; Expected = 'TcpKeepAlive' }
    ) {
        function Get-Row { Get-TcpConnection -LocalPort $connection.Client.LocalEndPoint.Port -State Established -KeepAlive }
        $connection.Client | Set-TcpKeepAlive -IdleTime 31 -Interval 10 -ProbeCount 3
        $row = & $Row
        $set = $row | Set-TcpKeepAlive -IdleTime 17 -PassThru
        "$($set.KeepAlive)" | Should -Be '17 s + 3 x 10 s'
        $set.KeepAlive.GetType().Name | Should -Be $Expected
        $set.LocalPort | Should -Be $row.LocalPort
        $set.PSObject.Properties.Name | Should -Be $row.PSObject.Properties.Name
        $set.PSObject.TypeNames | Should -Be $row.PSObject.TypeNames
        if ($Name -ne 'a row') {
            "$($row.KeepAlive)" | Should -Be '31 s + 3 x 10 s' -Because 'the user''s own object stays as it is'
        }
    }

    It 'adds no KeepAlive to a row that has none' {
        $row = Get-TcpConnection -LocalPort $connection.Client.LocalEndPoint.Port -State Established |
            Select-Object LocalAddress, LocalPort, RemoteAddress, RemotePort
        $set = $row | Set-TcpKeepAlive -IdleTime 17 -PassThru
        $set | Should -Be $row
        $set.PSObject.Properties.Name | Should -Not -Contain KeepAlive
    }

    It 'changes nothing with -WhatIf' {
        $connection.Client | Set-TcpKeepAlive -IdleTime 30 -WhatIf -PassThru | Should -BeNullOrEmpty
        ($connection.Client | Get-TcpKeepAlive).Enabled | Should -BeFalse
    }

    It 'shows ss the timer that was set' {
        Skip-WithoutTool ss
        $connection.Client | Set-TcpKeepAlive -IdleTime 300
        Get-SsTimer $connection.Client.LocalEndPoint.Port $connection.Port | Should -BeIn (295..300)
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
            Wait-Until { -not ($client | Get-TcpInfo).Unacknowledged } 'an answer, until which there is another timer'
            Get-SsTimer $client.Client.LocalEndPoint.Port $port | Should -BeIn (195..200)
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
        # redis-server has no way to let the kernel choose and say which.
        $port = Get-FreePort
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

    It 'notices a dead peer when it says, idle and with data in flight' {
        Skip-WithoutNamespace
        # All at once: decided by the probes, by the user timeout, and by what -DetectWithin makes of both.
        $answer = Invoke-InNamespace @"
`$cases = @{ IdleTime = 1; Interval = 1; ProbeCount = 2; UserTimeout = 3 },
    @{ IdleTime = 1; Interval = 1; ProbeCount = 9; UserTimeout = 4 },
    @{ DetectWithin = 4 },
    @{ DetectWithin = 5 }
& '$PSScriptRoot/Measure-DetectionTime.ps1' `$cases | ConvertTo-Json -Compress
"@
        $rows = $answer | ConvertFrom-Json
        $rows.Count | Should -Be 8 -Because ($answer -join "`n")
        foreach ($row in $rows) {
            $because = "$($row.Settings), $($row.InFlight ? 'in flight' : 'idle'): predicted $($row.Predicted) s, measured $($row.Measured) s"
            $row.Error | Should -Be ([int][System.Net.Sockets.SocketError]::TimedOut) -Because $because
            $row.Measured | Should -BeGreaterThan ($row.Predicted - 0.1) -Because $because
            $row.LastAlive | Should -BeLessThan ($row.Predicted + 1) -Because $because
            if (-not $row.InFlight) {
                $row.Probes | Should -BeGreaterThan 0 -Because 'TcpInfo counts the probes that nobody answered'
            }
        }
        ($rows | Where-Object Settings -EQ 'DetectWithin 4').Predicted | Should -Be 4, 4
    }
}
