BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-TestModule
}

Describe 'Get-TcpKeepAlive' {
    BeforeEach {
        $connection = New-TestConnection
    }
    AfterEach {
        $connection.Client.Dispose()
        $connection.Server.Dispose()
    }

    It 'reads the system''s defaults on a fresh socket' {
        $fresh = $connection.Client | Get-TcpKeepAlive
        $fresh | Should -BeOfType NetKeepAlive.TcpKeepAlive
        $fresh.Enabled | Should -BeFalse
        $fresh.DetectionTime | Should -BeNullOrEmpty
        $fresh.Socket | Should -Be $connection.Client
        if ($IsLinux) {
            $system = Get-TcpKeepAlive -SystemDefault
            $fresh.IdleTime | Should -Be $system.IdleTime
            $fresh.Interval | Should -Be $system.Interval
            $fresh.ProbeCount | Should -Be $system.ProbeCount
            $system.IdleTime.TotalSeconds | Should -Be (Get-Content /proc/sys/net/ipv4/tcp_keepalive_time)
        }
    }

    It 'reads a socket through <_>' -ForEach 'Socket', 'TcpClient', 'NetworkStream', 'SslStream', 'SafeSocketHandle' {
        $connection.Client | Set-TcpKeepAlive -IdleTime 42
        $client = [System.Net.Sockets.TcpClient]::new()
        $client.Client = $connection.Client
        $holder = switch ($_) {
            'Socket' { $connection.Client }
            'TcpClient' { $client }
            'NetworkStream' { $client.GetStream() }
            'SslStream' { [System.Net.Security.SslStream]::new($client.GetStream()) }
            'SafeSocketHandle' { $connection.Client.SafeHandle }
        }
        ($holder | Get-TcpKeepAlive).IdleTime | Should -Be '00:00:42'
        (Get-TcpKeepAlive $holder).IdleTime | Should -Be '00:00:42'
    }

    It 'takes a list that a script made' {
        $list = [System.Collections.Generic.List[object]]@($connection.Client, $connection.Server)
        (Get-TcpKeepAlive $list).Socket | Should -Be $connection.Client, $connection.Server
    }

    It 'reads listeners and what they accept' {
        $listener = [System.Net.Sockets.TcpListener]::new([ipaddress]::Loopback, 0)
        $listener.Start()
        $client = $null
        try {
            ($listener | Set-TcpKeepAlive -IdleTime 43 -PassThru | Get-TcpKeepAlive).IdleTime | Should -Be '00:00:43'
            $client = [System.Net.Sockets.TcpClient]::new('127.0.0.1', $listener.LocalEndpoint.Port)
            $accepted = $listener.AcceptSocket()
            ($accepted | Get-TcpKeepAlive).Enabled | Should -BeTrue -Because 'what a listener has passes to what it accepts'
            $accepted.Dispose()
        } finally {
            ${client}?.Dispose()
            $listener.Stop()
        }
    }

    It 'reads a descriptor of this process' {
        $connection.Client | Set-TcpKeepAlive -IdleTime 44
        (Get-TcpKeepAlive -FileDescriptor $connection.Client.Handle).IdleTime | Should -Be '00:00:44'
        (Get-TcpKeepAlive -ProcessId $PID -FileDescriptor $connection.Client.Handle).IdleTime | Should -Be '00:00:44'
        $connection.Client.Send([byte[]]1) | Should -Be 1 -Because 'the borrowed descriptor must stay open'
    }

    It 'reports what is no socket and goes on with the rest' {
        $read = 'abc', $connection.Client, $null, 7, $connection.Server |
            Get-TcpKeepAlive -ErrorAction SilentlyContinue -ErrorVariable failures
        @($read).Count | Should -Be 2
        $failures.Count | Should -Be 3
        $failures[0].FullyQualifiedErrorId | Should -BeLike 'NotASocket,*'
        $failures[0].TargetObject | Should -Be 'abc'
        $failures[0].CategoryInfo.Category | Should -Be InvalidArgument
    }

    It 'says of <What>: <Id>' -ForEach @(
        @{ What = 'a descriptor that is not open'; Id = 'EBADF'; Parameters = @{ FileDescriptor = 999999 } }
        @{ What = 'a descriptor of a file'; Id = 'NotASocket'; Parameters = @{ FileDescriptor = -1 } }
        @{ What = 'a process that is gone'; Id = 'ESRCH'; Parameters = @{ ProcessId = [int]::MaxValue; FileDescriptor = 3 } }
    ) {
        if ($Id -eq 'ESRCH' -and -not $IsLinux) {
            Set-ItResult -Skipped -Because 'Linux only'
        }
        $file = [System.IO.File]::OpenRead($PSCommandPath)
        try {
            if ($Parameters.FileDescriptor -lt 0) {
                $Parameters.FileDescriptor = [int]$file.SafeFileHandle.DangerousGetHandle()
            }
            Get-TcpKeepAlive @Parameters -ErrorAction SilentlyContinue -ErrorVariable failure
            $failure[0].FullyQualifiedErrorId | Should -BeLike "$Id,*"
        } finally {
            $file.Dispose()
        }
    }

    It 'says NotASocket of a handle of something else, as of its descriptor' {
        $file = [System.IO.File]::OpenRead((Get-TestManifest))
        $descriptor = [int]$file.SafeFileHandle.DangerousGetHandle()
        $handle = [System.Net.Sockets.SafeSocketHandle]::new($descriptor, $false)
        Get-TcpKeepAlive $handle -ErrorAction SilentlyContinue -ErrorVariable failure
        Get-TcpKeepAlive -FileDescriptor $descriptor -ErrorAction SilentlyContinue -ErrorVariable +failure
        $failure.FullyQualifiedErrorId | Should -BeLike 'NotASocket,*'
        $failure.Count | Should -Be 2
        $handle, $file | ForEach-Object Dispose
    }

    It 'says that a closed socket is closed' {
        $connection.Client.Dispose()
        $connection.Client | Get-TcpKeepAlive -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'EBADF,*'
        $failure[0].Exception.Message | Should -BeLike '*closed*'
    }

    It 'refuses another user''s process with EPERM and says what it takes' {
        Skip-WithoutNobody
        $answer = Invoke-AsNobody (
            "Get-TcpKeepAlive -ProcessId $PID -FileDescriptor $($connection.Client.Handle) -ErrorAction SilentlyContinue -ErrorVariable failure`n" +
            '"$($failure[0].FullyQualifiedErrorId)|$($failure[0].CategoryInfo.Category)|$($failure[0].Exception.Message)"')
        $answer | Should -BeLike 'EPERM,*|PermissionDenied|*same user*root*'
    }

    It 'shows a short table' {
        $text = $connection.Client | Set-TcpKeepAlive -IdleTime 90 -Interval 10 -ProbeCount 3 -PassThru |
            Get-TcpKeepAlive | Out-String -Width 120
        $text | Should -Match 'Enabled\S*\s+\S*IdleTime'
        $text | Should -Match "True\s+1 m 30 s\s+10 s\s+3\s+off\s+2 m\s+\d.* s\s+127\.0\.0\.1:\d+ -> 127\.0\.0\.1:$($connection.Port)"
    }
}
