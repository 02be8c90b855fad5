BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'StreamTest.psm1')
    Import-TestModule
}

Describe 'New-TcpSocketListener' {
    AfterEach {
        $listener, $client, $accepted, $other | Where-Object { $_ } | ForEach-Object Dispose
        $listener = $client = $accepted = $other = $null
    }

    It 'listens on all addresses of both families, on a port that the kernel chose' {
        $listener = New-TcpSocketListener
        $listener.IsListening | Should -BeTrue
        $listener.Kind | Should -Be Tcp
        $listener.Backlog | Should -Be 511
        $listener.LocalPort | Should -BeGreaterThan 0
        $listener.AddressFamily | Should -Be ($listener.LocalAddress.AddressFamily)
        foreach ($address in '127.0.0.1', '::1') {
            if ($address -eq '127.0.0.1' -or [System.Net.Sockets.Socket]::OSSupportsIPv6) {
                $client = Connect-TcpSocket $address $listener.LocalPort
                $accepted = $listener | Receive-SocketConnection -Timeout 10
                $accepted.RemotePort | Should -Be $client.LocalPort
                $client, $accepted | Close-Socket
            }
        }
    }

    It 'takes the name of a host' {
        $listener = New-TcpSocketListener 0 localhost
        $listener.LocalAddress | Should -BeIn '127.0.0.1', '::1'
        $client = Connect-TcpSocket localhost $listener.LocalPort
        $client.RemoteAddress | Should -Be $listener.LocalAddress
    }

    It 'is not for everybody, nor for this machine alone, where the address is empty' {
        { New-TcpSocketListener -Address '' } | Should -Throw '*Address*'
        { New-ReuseportListener -Address '' } | Should -Throw '*Address*'
    }

    It 'takes 0.0.0.0 where there is no IPv6' {
        Skip-WithoutTool strace
        $go = Join-Path $TestDrive 'go'
        $shell = Start-TestPwsh '-NoLogo', '-NoProfile', '-Command', @"
Import-Module '$(Get-TestManifest)'
(New-TcpSocketListener).Dispose()
'ready'
while (-not (Test-Path '$go')) { Start-Sleep -Milliseconds 20 }
`$listener = New-TcpSocketListener
"`$(`$listener.LocalAddress)"
(Connect-TcpSocket 127.0.0.1 `$listener.LocalPort).State
"@
        $tracer = $null
        try {
            $shell.StandardOutput.ReadLine() | Should -Be 'ready'
            # The first socket that the pipeline's thread asks for is the one for both families.
            $tracer = Start-TestTracer $shell socket:error=EAFNOSUPPORT:when=1 "$TestDrive/trace"
            $null = New-Item $go
            $shell.StandardOutput.ReadLine() | Should -Be '0.0.0.0' -Because (Get-Content "$TestDrive/trace" -Raw)
        } finally {
            Stop-TestProcess $shell
            Stop-TestProcess $tracer
        }
    }

    It 'takes IPv4 alone with -Address 0.0.0.0, and IPv6 alone with -IPv6Only' {
        $listener = New-TcpSocketListener -Address 0.0.0.0
        $listener.AddressFamily | Should -Be InterNetwork
        $client = Connect-TcpSocket 127.0.0.1 $listener.LocalPort
        if (-not [System.Net.Sockets.Socket]::OSSupportsIPv6) {
            Set-ItResult -Skipped -Because 'there is no IPv6'
        }
        { Connect-TcpSocket ::1 $listener.LocalPort -ErrorAction Stop } | Should -Throw -ErrorId 'ECONNREFUSED,*'
        $other = New-TcpSocketListener -IPv6Only
        $accepted = Connect-TcpSocket ::1 $other.LocalPort
        { Connect-TcpSocket 127.0.0.1 $other.LocalPort -ErrorAction Stop } | Should -Throw -ErrorId 'ECONNREFUSED,*'
    }

    It 'refuses -IPv6Only with an IPv4 address' {
        New-TcpSocketListener 0 127.0.0.1 -IPv6Only -ErrorAction SilentlyContinue -ErrorVariable failure | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'EINVAL,*'
        $failure[0].Exception.Message | Should -BeLike '*127.0.0.1*-Address and -IPv6Only.'
    }

    It 'has the IPv4 address of an IPv4 peer of a listener for both families, also in a row''s text' {
        $listener = New-TcpSocketListener
        if ($listener.AddressFamily -ne 'InterNetworkV6') {
            Set-ItResult -Skipped -Because 'there is no IPv6'
        }
        $client = Connect-TcpSocket 127.0.0.1 $listener.LocalPort
        $accepted = $listener | Receive-SocketConnection -Timeout 10
        $shown = "127.0.0.1:$($listener.LocalPort)", "127.0.0.1:$($client.LocalPort)"
        "$($accepted.RemoteAddress) $($accepted.LocalAddress)" | Should -Be '127.0.0.1 127.0.0.1'
        "$accepted" | Should -Be ($shown -join ' -> ')
        foreach ($row in $accepted, [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($accepted))) {
            $view = $row | Format-Table | Out-String
            $shown | ForEach-Object { $view | Should -Match "\s$([regex]::Escape($_))\s" }
            $view | Should -Not -BeLike '*ffff*'
        }
        if ($IsLinux) {
            "$($accepted | Get-TcpConnection)" | Should -Be ($shown -join ' -> ') -Because 'its own row is found by it'
        }
    }

    It 'takes <_> for -Backlog' -ForEach 0, 1 {
        $listener = New-TcpSocketListener 0 127.0.0.1 -Backlog $_
        $listener.Backlog | Should -Be $_
        $client = Connect-TcpSocket 127.0.0.1 $listener.LocalPort
        $accepted = $listener | Receive-SocketConnection -Timeout 10
        $accepted.RemotePort | Should -Be $client.LocalPort
    }

    It 'takes port and address by position' {
        $port = Get-FreePort
        $listener = New-TcpSocketListener $port 127.0.0.1 -Backlog 5
        $listener.LocalPort | Should -Be $port
        $listener.LocalAddress | Should -Be '127.0.0.1'
        $listener.Backlog | Should -Be 5
    }

    It 'never shares its port: SO_REUSEADDR without SO_REUSEPORT' {
        $listener = New-TcpSocketListener 0 127.0.0.1
        ($listener | Get-SocketOption ReuseAddress).Value | Should -BeTrue
        ($listener | Get-SocketOption ReusePort).Value | Should -BeFalse
        $other = New-TcpSocketListener $listener.LocalPort 127.0.0.1 -ErrorAction SilentlyContinue -ErrorVariable failure
        $other | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'EADDRINUSE,*'
        $failure[0].CategoryInfo.Category | Should -Be ResourceExists
        $failure[0].Exception.Message | Should -BeLike "*127.0.0.1:$($listener.LocalPort)*"
    }

    It 'waits for a port with -RetryCount' {
        # One that the kernel gives to nobody in the moment in which it is free.
        $port = Get-FreePort
        $other = New-TcpSocketListener $port 127.0.0.1
        $closing = Start-ThreadJob { Start-Sleep 0.5; ($using:other).Dispose() }
        $listener = New-TcpSocketListener $port 127.0.0.1 -RetryCount 600 -RetryInterval 100ms
        $listener.LocalPort | Should -Be $port
        Remove-Job $closing -Force
    }

    It 'gives up after -RetryCount tries' {
        $other = New-TcpSocketListener 0 127.0.0.1
        $told = New-TcpSocketListener $other.LocalPort 127.0.0.1 -RetryCount 2 -RetryInterval 10ms -Verbose -ErrorAction SilentlyContinue -ErrorVariable failure 4>&1
        @($told).Count | Should -Be 2
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'EADDRINUSE,*'
    }

    It 'stops waiting at once when the pipeline is stopped' {
        $other = New-TcpSocketListener 0 127.0.0.1
        $shell = [powershell]::Create().AddScript({
                param($module, $port)
                Import-Module $module
                New-TcpSocketListener $port 127.0.0.1 -RetryCount 1000 -RetryInterval 60
            }).AddArgument((Get-TestManifest)).AddArgument($other.LocalPort)
        $null = $shell.BeginInvoke()
        Start-Sleep 1
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        $shell.Stop()
        $clock.Elapsed.TotalSeconds | Should -BeLessThan 20 -Because 'the next try is a minute away'
        $shell.Dispose()
    }

    It 'says <Id> of <Address>:<Port>' -ForEach @(
        @{ Address = '192.0.2.1'; Port = 0; Id = 'EADDRNOTAVAIL' }
    ) {
        { New-TcpSocketListener $Port $Address -ErrorAction Stop } | Should -Throw -ErrorId "$Id,*"
    }

    It 'needs rights for a port below 1024, and says which' {
        Skip-WithoutNobody
        $limit = [int](Get-Content /proc/sys/net/ipv4/ip_unprivileged_port_start)
        if ($limit -lt 1024) {
            Set-ItResult -Skipped -Because 'this system lets everybody have low ports'
        }
        $result = Invoke-AsNobody 'New-TcpSocketListener 997 127.0.0.1 -ErrorAction SilentlyContinue -ErrorVariable e; $e[0].FullyQualifiedErrorId; "$($e[0])"'
        $result -join "`n" | Should -Match '(?s)EACCES,.*CAP_NET_BIND_SERVICE'
    }

    It 'gives what it accepts its keep-alive and NoDelay' {
        $listener = New-TcpSocketListener 0 127.0.0.1 -IdleTime 31 -Interval 7 -ProbeCount 4 -UserTimeout 50s -NoDelay
        $client = Connect-TcpSocket 127.0.0.1 $listener.LocalPort
        $accepted = $listener | Receive-SocketConnection -Timeout 10
        $set = $accepted | Get-TcpKeepAlive
        $set.Enabled | Should -BeTrue
        $set.IdleTime.TotalSeconds, $set.Interval.TotalSeconds, $set.ProbeCount, $set.UserTimeout.TotalSeconds | Should -Be 31, 7, 4, 50
        ($accepted | Get-SocketOption NoDelay).Value | Should -BeTrue
        ($client | Get-TcpKeepAlive).Enabled | Should -BeFalse
    }

    It 'closes what comes beyond -MaxConnection and reports it with its six fields' {
        $listener = New-TcpSocketListener 0 127.0.0.1 -MaxConnection 1
        $null = Register-ObjectEvent $listener ConnectionDropped -SourceIdentifier dropped
        try {
            $client = Connect-TcpSocket 127.0.0.1 $listener.LocalPort
            $accepted = $listener | Receive-SocketConnection -Timeout 10
            $listener.ConnectionCount | Should -Be 1
            $other = Connect-TcpSocket 127.0.0.1 $listener.LocalPort
            $port = $other.LocalPort
            $listener | Receive-SocketConnection -Timeout 0.3 -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            $other | Receive-SocketData -Timeout 10 | Should -BeNullOrEmpty
            $drop = (Wait-Event dropped -Timeout 10).SourceEventArgs
            $drop.LocalAddress, $drop.RemoteAddress | Should -Be '127.0.0.1', '127.0.0.1'
            $drop.LocalPort | Should -Be $listener.LocalPort
            $drop.RemotePort | Should -Be $port
            $drop.LocalFamily, $drop.RemoteFamily | Should -Be InterNetwork, InterNetwork

            # Room again once the first is closed; the limit can be changed at any time.
            $accepted | Close-Socket
            $listener.ConnectionCount | Should -Be 0
            $listener.MaxConnection = 0
            $again = Connect-TcpSocket 127.0.0.1 $listener.LocalPort
            ($listener | Receive-SocketConnection -Timeout 10).Dispose()
            $again.Dispose()
        } finally {
            Unregister-Event dropped
            Remove-Event dropped -ErrorAction Ignore
        }
    }

    It 'closes connections from a blocked address and reports them' {
        $listener = New-TcpSocketListener 0 127.0.0.1 -BlockList (New-SocketBlockList -Address 127.0.0.66)
        $null = Register-ObjectEvent $listener ConnectionDropped -SourceIdentifier blocked
        try {
            $other = Connect-TcpSocket 127.0.0.1 $listener.LocalPort -LocalAddress 127.0.0.66
            $client = Connect-TcpSocket 127.0.0.1 $listener.LocalPort
            $accepted = $listener | Receive-SocketConnection -Timeout 10
            $accepted.RemotePort | Should -Be $client.LocalPort
            $drop = (Wait-Event blocked -Timeout 10).SourceEventArgs
            $drop.RemoteAddress | Should -Be '127.0.0.66'
            $drop.RemotePort | Should -Be $other.LocalPort
            $drop.Reason | Should -BeLike '*block list*'
            $other | Receive-SocketData -Timeout 10 | Should -BeNullOrEmpty
        } finally {
            Unregister-Event blocked
            Remove-Event blocked -ErrorAction Ignore
        }
    }

    It 'goes on sending after the peer''s end with -AllowHalfOpen, and ends with it without: -AllowHalfOpen:<_>' -ForEach $true, $false {
        $listener = New-TcpSocketListener 0 127.0.0.1 -AllowHalfOpen:$_
        $client = Connect-TcpSocket 127.0.0.1 $listener.LocalPort -AllowHalfOpen
        $accepted = $listener | Receive-SocketConnection -Timeout 10
        'question' | Send-SocketData $client
        $client | Disconnect-Socket
        $client.State | Should -Be ReadOnly
        ($accepted | Receive-SocketData -ToEnd -Timeout 10).Text | Should -Be 'question'
        $accepted.State | Should -Be ($_ ? 'WriteOnly' : 'Closed')
        if ($_) {
            'answer' | Send-SocketData $accepted
            $accepted | Disconnect-Socket
        }
        -join ($client | Receive-SocketData -ToEnd -Timeout 10).Text | Should -Be ($_ ? 'answer' : '')
    }

    It 'rests while suspended, for a time' {
        $listener = New-TcpSocketListener 0 127.0.0.1
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        $listener | Suspend-Socket -Duration 0.4
        $client = Connect-TcpSocket 127.0.0.1 $listener.LocalPort
        $accepted = $listener | Receive-SocketConnection -Timeout 20
        $clock.Elapsed.TotalSeconds | Should -BeGreaterOrEqual 0.39
        $accepted.RemotePort | Should -Be $client.LocalPort
    }

    It 'leaves what comes to a connection in the kernel until somebody reads' {
        $listener = New-TcpSocketListener 0 127.0.0.1
        $client = Connect-TcpSocket 127.0.0.1 $listener.LocalPort
        'early' | Send-SocketData $client
        $accepted = $listener | Receive-SocketConnection -Timeout 10
        Wait-Until { $accepted.Socket.Available -eq 5 } 'the data in the kernel'
        $accepted.BytesReceived | Should -Be 0
        $null = Register-ObjectEvent $accepted DataReceived -SourceIdentifier early
        try {
            (Wait-Event early -Timeout 10).SourceEventArgs.Text | Should -Be early -Because 'reading begins with the first handler'
        } finally {
            Unregister-Event early
            Remove-Event early -ErrorAction Ignore
        }
    }

    It 'reports an accept that failed and goes on: ErrorOccurred is not followed by Closed' {
        Skip-WithoutTool strace
        $server = Start-TestPwsh '-NoLogo', '-NoProfile', '-Command', @"
Import-Module '$(Get-TestManifest)'
`$listener = New-TcpSocketListener 0 127.0.0.1
'Connection', 'ErrorOccurred', 'Closed' | ForEach-Object { `$null = Register-ObjectEvent `$listener `$_ -SourceIdentifier `$_ }
`$listener.LocalPort
Wait-Event Connection -Timeout 120 | ForEach-Object { Remove-Event Connection; 'first' }
Wait-Event ErrorOccurred -Timeout 120 | ForEach-Object { `$_.SourceEventArgs.Exception.Errno }
Wait-Event Connection -Timeout 120 | ForEach-Object { 'second' }
"`$(`$listener.IsListening) `$(@(Get-Event Closed -ErrorAction Ignore).Count)"
"@
        $tracer = $null
        try {
            $port = [int]$server.StandardOutput.ReadLine()
            $client = Connect-TcpSocket 127.0.0.1 $port
            $server.StandardOutput.ReadLine() | Should -Be first
            # A limit of descriptors would also keep pwsh from loading what it needs to tell.
            $tracer = Start-TestTracer $server accept4:error=EMFILE:when=1 "$TestDrive/trace"
            $other = Connect-TcpSocket 127.0.0.1 $port
            $server.StandardOutput.ReadLine() | Should -Be EMFILE -Because (Get-Content "$TestDrive/trace" -Raw)
            $server.StandardOutput.ReadLine() | Should -Be second
            $server.StandardOutput.ReadLine() | Should -Be 'True 0'
        } finally {
            Stop-TestProcess $server
            Stop-TestProcess $tracer
        }
    }

    It 'lets what it accepted live on when it is closed' {
        $listener = New-TcpSocketListener 0 127.0.0.1
        $client = Connect-TcpSocket 127.0.0.1 $listener.LocalPort
        $accepted = $listener | Receive-SocketConnection -Timeout 10
        $listener | Close-Socket
        $listener.LocalPort | Should -BeNullOrEmpty
        'still here' | Send-SocketData $client
        ($accepted | Receive-SocketData -Timeout 10).Text | Should -Be 'still here'
    }
}
