BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-Module (Join-Path $PSScriptRoot 'SocketTest.psm1')
    Import-TestModule
}

Describe 'Get-SocketOption' {
    BeforeEach {
        $connection = New-TestConnection
        $tcp = $connection.Client
    }
    AfterEach {
        Close-Socket $tcp, $connection.Server
    }

    It 'reads options by name, constant and wildcard' {
        $tcp.NoDelay = $true
        $option = $tcp | Get-SocketOption NoDelay
        $option | Should -BeOfType NetKeepAlive.SocketOptionValue
        $option.Value | Should -BeTrue
        $option.Level | Should -Be Tcp
        $option.Number | Should -Be 1
        ($tcp | Get-SocketOption TCP_NODELAY, SO_TYPE).Value | Should -Be $true, 1
        ($tcp | Get-SocketOption KeepAlive*).Name | Should -Be KeepAlive, KeepAliveIdleTime, KeepAliveInterval, KeepAliveProbeCount
    }

    It 'takes the socket first, or by name: <_>' -ForEach @(
        '$tcp | Get-SocketOption NoDelay, KeepAlive'
        'Get-SocketOption $tcp NoDelay, KeepAlive'
        'Get-SocketOption NoDelay, KeepAlive -InputObject $tcp'
        'Get-SocketOption -Socket $tcp NoDelay, KeepAlive'
        'Get-SocketOption -Name NoDelay, KeepAlive $tcp'
    ) {
        (& ([scriptblock]::Create($_))).Name | Should -Be NoDelay, KeepAlive
        (Get-SocketOption $tcp).Count | Should -Be @($tcp | Get-SocketOption).Count
        @(Get-SocketOption $tcp, $connection.Server NoDelay).Count | Should -Be 2
    }

    It 'says what is missing: <_>' -ForEach 'Get-SocketOption', 'Get-SocketOption NoDelay' {
        { & ([scriptblock]::Create($_)) } | Should -Throw '*Name the socket*' -ErrorId 'EINVAL,*'
    }

    It 'says that an unset variable is no socket' {
        Get-SocketOption $unset NoDelay -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'NotASocket,*'
    }

    It 'reads all that a socket has' {
        $all = $tcp | Get-SocketOption
        $all.Name | Should -Contain NoDelay
        $all.Name | Should -Contain ReceiveBufferSize
        $all.Name | Should -Not -Contain HopLimit -Because 'that is of IPv6'
        $a, $b = New-UnixSocketPair
        $names = ($a | Get-SocketOption).Name
        $names | Should -Not -Contain NoDelay
        $names | Should -Contain IdleTimeout
        Close-Socket $a, $b
    }

    It 'lists the options there are, with the numbers of both platforms' {
        $interval = Get-SocketOption KeepAliveInterval -ListAvailable
        $interval.LinuxNumber | Should -Be 5
        $interval.DarwinNumber | Should -Be 0x101
        (Get-SocketOption KeepAlive?* -ListAvailable).LinuxNumber | Should -Be 4, 5, 6
        (Get-SocketOption KeepAlive?* -ListAvailable).DarwinNumber | Should -Be 0x10, 0x101, 0x102
        $interval.Level | Should -Be Tcp
        $interval.ValueType | Should -Be System.TimeSpan
        $interval.Type, $interval.Linux, $interval.Darwin | Should -Be 'System.TimeSpan', 5, 0x101 -Because 'the table calls them so'
        (Get-SocketOption -ListAvailable).Count | Should -BeGreaterThan 40
        (Get-SocketOption -ListAvailable | Select-Object -First 1 | Out-String -Width 80) | Should -Match 'KeepAlive\s+Boolean\s+Socket\s+9\s+9\s+8'
    }

    It 'says <Id> of <What>' -ForEach @(
        @{ Id = 'EINVAL'; What = 'an option that is none'; Name = 'Nonsense' }
        @{ Id = 'EOPNOTSUPP'; What = 'an option of another protocol'; Name = 'NoDelay' }
    ) {
        $a, $b = New-UnixSocketPair
        $a | Get-SocketOption $Name -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure.Count | Should -Be 1
        $failure[0].FullyQualifiedErrorId | Should -BeLike "$Id,*"
        Close-Socket $a, $b
    }

    It 'says that only the sockets of this module have an IdleTimeout' {
        $socket = [System.Net.Sockets.Socket]::new('Stream', 'Tcp')
        $socket | Get-SocketOption IdleTimeout -ErrorAction SilentlyContinue -ErrorVariable failure | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'NotASocket,*'
        # All that there is of a kind is no such question.
        $socket | Get-SocketOption *Timeout -ErrorAction Stop | Should -Not -BeNullOrEmpty
        $socket.Dispose()
    }

    It 'completes names' {
        (TabExpansion2 'Get-SocketOption KeepAliveI').CompletionMatches.CompletionText | Should -Be KeepAliveIdleTime, KeepAliveInterval
        (TabExpansion2 'Get-SocketOption $tcp KeepAliveI').CompletionMatches.CompletionText | Should -Be KeepAliveIdleTime, KeepAliveInterval
    }

    It 'shows a short table' {
        $tcp | Get-SocketOption ReceiveTimeout, Linger | Out-String -Width 80 | Should -Match 'Linger\s+off\s+Socket\s+\d+'
    }
}
