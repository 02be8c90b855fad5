BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-Module (Join-Path $PSScriptRoot 'SocketTest.psm1')
    Import-TestModule
}

Describe 'Set-SocketOption' {
    BeforeEach {
        $connection = New-TestConnection
        $tcp = $connection.Client
    }
    AfterEach {
        Close-Socket $tcp, $connection.Server
    }

    It 'sets <Name> to <Value>' -ForEach @(
        @{ Name = 'NoDelay'; Value = $true; Expected = $true }
        @{ Name = 'KeepAlive'; Value = 'on'; Expected = $true }
        @{ Name = 'KeepAlive'; Value = 'false'; Expected = $false }
        @{ Name = 'KeepAlive'; Value = 0; Expected = $false }
        @{ Name = 'KeepAliveInterval'; Value = 5; Expected = [timespan]'00:00:05' }
        @{ Name = 'UserTimeout'; Value = '2500ms'; Expected = [timespan]'00:00:02.5' }
        @{ Name = 'Linger'; Value = '3s'; Expected = [timespan]'00:00:03' }
        @{ Name = 'Linger'; Value = $null; Expected = $null }
        @{ Name = 'SO_SNDBUF'; Value = 50000; Expected = 100000 }
        @{ Name = 'ReceiveTimeout'; Value = 0.5; Expected = [timespan]'00:00:00.5' }
    ) {
        Skip-WithoutLinux
        $set = $tcp | Set-SocketOption $Name $Value -PassThru
        $set | Should -Be $tcp
        ($tcp | Get-SocketOption $Name).Value | Should -Be $Expected
    }

    It 'takes the socket first, or by name: <_>' -ForEach @(
        '$tcp | Set-SocketOption NoDelay $true'
        'Set-SocketOption $tcp NoDelay $true'
        'Set-SocketOption NoDelay $true -InputObject $tcp'
        'Set-SocketOption -Socket $tcp NoDelay $true'
        'Set-SocketOption $tcp -Name NoDelay -Value $true'
        'Set-SocketOption $tcp -NoDelay'
        'Set-SocketOption $connection.Server, $tcp NoDelay $true'
    ) {
        $tcp.NoDelay = $false
        & ([scriptblock]::Create($_))
        $tcp.NoDelay | Should -BeTrue
    }

    It 'says what is missing: <_>' -ForEach 'Set-SocketOption $tcp NoDelay', 'Set-SocketOption NoDelay $true', '$tcp | Set-SocketOption $tcp NoDelay' {
        & ([scriptblock]::Create($_)) -ErrorAction SilentlyContinue 2>&1 | Should -BeLike 'Name the socket, the option and its value*'
    }

    It 'completes the option, then its value: <Text>' -ForEach @(
        @{ Text = '$tcp | Set-SocketOption NoD'; Words = 'NoDelay' }
        @{ Text = 'Set-SocketOption $tcp NoD'; Words = 'NoDelay' }
        @{ Text = '$tcp | Set-SocketOption NoDelay '; Words = 'on', 'off' }
        @{ Text = 'Set-SocketOption $tcp NoDelay '; Words = 'on', 'off' }
        @{ Text = 'Set-SocketOption $tcp Linger 1'; Words = '1s', '10s', '1h' }
    ) {
        [System.Management.Automation.CommandCompletion]::CompleteInput($Text, $Text.Length, $null).CompletionMatches.CompletionText | Should -Be $Words
    }

    It 'sets the usual ones by parameters' {
        $tcp | Set-SocketOption -NoDelay -Linger 2 -ReceiveBufferSize 40000 -SendBufferSize 50000
        $tcp.NoDelay | Should -BeTrue
        $tcp.LingerState.LingerTime | Should -Be 2
        $tcp | Set-SocketOption -NoDelay:$false -Linger $null
        $tcp.NoDelay | Should -BeFalse
        $tcp.LingerState.Enabled | Should -BeFalse
    }

    It 'sets any option by its numbers' {
        Skip-WithoutLinux
        $tcp | Set-SocketOption -Level Tcp -Option 1 -Value 1
        $tcp.NoDelay | Should -BeTrue
        $tcp | Set-SocketOption -Level Socket -Option 13 -Value ([byte[]](1, 0, 0, 0, 9, 0, 0, 0))
        $tcp.LingerState.LingerTime | Should -Be 9
        $tcp | Set-SocketOption -Level Tcp -Option 9999 -Value 1 -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ENOPROTOOPT,*'
    }

    It 'refuses an array that is no bytes: <_>' -ForEach @(@(300, 1), @('a', 'b')) {
        $tcp | Set-SocketOption -Level Socket -Option 13 -Value $_ -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'EINVAL,*'
        $failure[0].Exception.Message | Should -BeLike "-Value: '$_' is no raw value*bytes, 0 to 255 each*"
    }

    It 'takes a level by its number, as setsockopt(2) does' {
        Skip-WithoutLinux
        $tcp | Set-SocketOption -Level 1 -Option 9 -Value 1
        ($tcp | Get-SocketOption KeepAlive).Value | Should -BeTrue
        $tcp | Set-SocketOption -Level 6 -Option 4 -Value 77
        ($tcp | Get-SocketOption KeepAliveIdleTime).Value.TotalSeconds | Should -Be 77
    }

    It 'says what <Name> takes when it refuses <Value>' -ForEach @(
        @{ Name = 'KeepAliveIdleTime'; Value = 40000; Words = '*1 s to 32767 s*'; Id = 'EINVAL' }
        @{ Name = 'KeepAliveInterval'; Value = 0; Words = '*1 s to 32767 s*'; Id = 'EINVAL' }
        @{ Name = 'KeepAliveProbeCount'; Value = 128; Words = '*1 to 127*'; Id = 'EINVAL' }
        @{ Name = 'UserTimeout'; Value = -5; Words = '-Value: UserTimeout: -5 s is out of range: the accepted range is 0 s to *'; Id = 'EINVAL' }
        @{ Name = 'ReceiveTimeout'; Value = -1; Words = '-Value: ReceiveTimeout: -1 s is out of range*'; Id = 'EINVAL' }
        @{ Name = 'Congestion'; Value = 'x' * 20; Words = '-Value: Congestion: *0 to 15 bytes.'; Id = 'EINVAL' }
        @{ Name = 'BindToDevice'; Value = 'none-such'; Words = '*SO_BINDTODEVICE*'; Id = 'ENODEV' }
    ) {
        Skip-WithoutLinux
        $tcp | Set-SocketOption $Name $Value -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure.Count | Should -Be 1
        $failure[0].FullyQualifiedErrorId | Should -BeLike "$Id,*"
        $failure[0].Exception.Message | Should -BeLike $Words
    }

    It 'reads a duration as it was typed, where PowerShell reads a number: <Typed>' -ForEach @(
        @{ Typed = 'UserTimeout 2.5s'; Option = 'UserTimeout'; Value = '00:00:02.5' }
        @{ Typed = 'Linger 1.5s'; Option = 'Linger'; Value = '00:00:02' }
        @{ Typed = 'KeepAliveIdleTime 1d'; Option = 'KeepAliveIdleTime'; Refused = '*1 s to 32767 s*' }
        @{ Typed = '-Name KeepAliveInterval -Value 1.5m'; Option = 'KeepAliveInterval'; Value = '00:01:30' }
        @{ Typed = 'UserTimeout 1kb'; Option = 'UserTimeout'; Refused = '*1kb*quotes*' }
        @{ Typed = 'UserTimeout 7'; Option = 'UserTimeout'; Value = '00:00:07' }
    ) {
        Skip-WithoutLinux
        $failure = & ([scriptblock]::Create("param(`$tcp) `$tcp | Set-SocketOption $Typed -ErrorAction SilentlyContinue -ErrorVariable failure; `$failure")) $tcp
        if ($Refused) {
            "$($failure[0])" | Should -BeLike $Refused
        } else {
            $failure | Should -BeNullOrEmpty
            ($tcp | Get-SocketOption $Option).Value | Should -Be ([timespan]$Value)
        }
    }

    It 'takes <What>, as do Get-SocketOption and Disconnect-Socket' -ForEach @(
        @{ What = 'a row from CSV'; Make = { Get-TcpConnection -LocalPort $args[0] -RemotePort $args[1] | ConvertTo-Csv | ConvertFrom-Csv } }
        @{ What = 'what Get-TcpInfo gives'; Make = { Get-TcpConnection -LocalPort $args[0] -RemotePort $args[1] | Get-TcpInfo } }
    ) {
        Skip-WithoutLinux
        $listener = New-TcpSocketListener 0 127.0.0.1
        $client = Connect-TcpSocket 127.0.0.1 $listener.LocalPort
        $peer = $listener | Receive-SocketConnection -Timeout 20
        $row = & $Make $client.LocalPort $listener.LocalPort
        $row | Set-SocketOption UserTimeout 7
        ($row | Get-SocketOption UserTimeout).Value | Should -Be ([timespan]'00:00:07')
        ($client | Get-SocketOption UserTimeout).Value | Should -Be ([timespan]'00:00:07')
        $row | Disconnect-Socket
        $peer | Receive-SocketData -Timeout 20 | Should -BeNullOrEmpty
        Close-Socket $client, $peer, $listener
    }

    It 'says what the kernel gets where that is rounded up' {
        $said = $tcp | Set-SocketOption KeepAliveIdleTime 2.5s -Verbose 4>&1
        "$said" | Should -BeLike '*Set KeepAliveIdleTime to 3 s (2.5 s rounded up)*'
        $said = Set-SocketOption $tcp -Linger 1.5 -Verbose 4>&1
        "$said" | Should -BeLike '*Set Linger to 2 s (1.5 s rounded up)*'
    }

    It 'sets the idle timeout of this module''s sockets, 0 is off' {
        $a, $b = New-UnixSocketPair
        ($a | Get-SocketOption IdleTimeout).Value | Should -Be '00:00:00' -Because 'there is none unless asked for'
        $a | Set-SocketOption -IdleTimeout 1.5
        ($a | Get-SocketOption IdleTimeout).Value | Should -Be ([timespan]'00:00:01.5')
        $a | Set-SocketOption IdleTimeout 0
        ($a | Get-SocketOption IdleTimeout).Value | Should -Be '00:00:00'
        $tcp | Set-SocketOption -IdleTimeout 1 -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'NotASocket,*'
        Close-Socket $a, $b
    }

    It 'warns once where keep-alive is turned on and two hours of idle time stay: <_>' -ForEach @(
        '$both | Set-SocketOption KeepAlive $true'
        '$both | Set-SocketOption SO_KEEPALIVE on'
        '$both | Set-SocketOption -Level Socket -Option (Get-SocketOption -ListAvailable | Where-Object Name -EQ KeepAlive).Number -Value 1'
    ) {
        $idle = ($tcp | Get-TcpKeepAlive).IdleTime
        if ($idle -lt [timespan]'02:00:00') {
            Set-ItResult -Skipped -Because "this system's default idle time is $idle"
        }
        $both = $tcp, $connection.Server
        $set = [scriptblock]::Create($_)
        $both | Set-TcpKeepAlive -WarningAction SilentlyContinue -WarningVariable expected
        $both | Set-TcpKeepAlive -Disable
        $warnings = @(. $set 3>&1)
        $warnings | Should -HaveCount 1
        $warnings[0].Message | Should -Be $expected[0].Message.Replace(' -', ' Set-TcpKeepAlive -') -Because 'those are its parameters'
    }

    It 'does not warn of two hours where <Name>' -ForEach @(
        @{ Name = 'it is turned off'; Set = { $tcp | Set-SocketOption KeepAlive $false } }
        @{ Name = 'the idle time is short'; Set = { $tcp | Set-SocketOption KeepAliveIdleTime 30; $tcp | Set-SocketOption KeepAlive $true } }
        @{ Name = 'it is no TCP socket'; Set = { $pair = New-UnixSocketPair; $pair | Set-SocketOption KeepAlive $true; Close-Socket $pair } }
        @{ Name = 'nothing is done'; Set = { $tcp | Set-SocketOption KeepAlive $true -WhatIf } }
        @{ Name = 'it is another option'; Set = { $tcp | Set-SocketOption NoDelay $true } }
    ) {
        & $Set 3>&1 | Should -BeNullOrEmpty
    }

    It 'changes nothing with -WhatIf' {
        $before = $tcp.NoDelay
        $tcp | Set-SocketOption NoDelay (-not $before) -WhatIf -PassThru | Should -BeNullOrEmpty
        $tcp.NoDelay | Should -Be $before
    }

    It 'refuses <What> once, before it touches a socket' -ForEach @(
        @{ What = 'a name that is none'; Name = 'Nonsense'; Value = 1 }
        @{ What = 'a value of the wrong type'; Name = 'SendBufferSize'; Value = 'many' }
        @{ What = 'a switch that is neither on nor off'; Name = 'NoDelay'; Value = 'maybe' }
        @{ What = 'a duration that is none'; Name = 'UserTimeout'; Value = 'soon' }
        @{ What = 'an option that is read only'; Name = 'Error'; Value = 1 }
    ) {
        $tcp, $connection.Server | Set-SocketOption $Name $Value -ErrorAction SilentlyContinue -ErrorVariable failures
        $failures.Count | Should -Be 1
        $failures[0].FullyQualifiedErrorId | Should -BeLike 'EINVAL,*'
    }

    It 'says which range <Name> accepts' -ForEach @(
        @{ Name = 'TimeToLive'; Address = '127.0.0.1'; Range = '*1 to 255*' }
        @{ Name = 'SynCount'; Address = '127.0.0.1'; Range = '*1 to 127*'; OnLinux = $true }
        @{ Name = 'HopLimit'; Address = '::1'; Range = '*0 to 255*' }
        @{ Name = 'TrafficClass'; Address = '::1'; Range = '*0 to 255*' }
    ) {
        if ($OnLinux -and -not $IsLinux) {
            Set-ItResult -Skipped -Because 'it is for Linux'
        }
        $listener = New-TcpSocketListener 0 $Address
        { $listener | Set-SocketOption $Name 256 -ErrorAction Stop } | Should -Throw $Range -ErrorId 'EINVAL,*'
        Close-Socket $listener
    }

    It 'goes on after a socket that lacks the option' {
        $a, $b = New-UnixSocketPair
        $a, $tcp | Set-SocketOption NoDelay $true -ErrorAction SilentlyContinue -ErrorVariable failures
        $failures[0].FullyQualifiedErrorId | Should -BeLike 'EOPNOTSUPP,*'
        $failures[0].TargetObject | Should -Be $a
        $tcp.NoDelay | Should -BeTrue
        Close-Socket $a, $b
    }
}
