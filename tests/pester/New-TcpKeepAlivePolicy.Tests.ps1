BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-Module (Join-Path $PSScriptRoot 'PolicyTest.psm1')
    Import-TestModule
    $script:prefix = "t$PID"
}

Describe 'New-TcpKeepAlivePolicy' -Skip:(-not $IsLinux) {
    BeforeEach {
        $script:group = $null
        Skip-WithoutPolicy python3
        $script:group = New-TestGroup
    }

    AfterEach {
        Remove-TestPolicy "$prefix-*"
        Remove-TestGroup $group
    }

    It 'sets all five options at both ends of <Name> before the program sees them' -ForEach @(
        @{ Name = 'an IPv4 connection'; Pair = "pair(socket.AF_INET, '127.0.0.1')" }
        @{ Name = 'an IPv6 connection'; Pair = "pair(socket.AF_INET6, '::1')" }
        @{ Name = 'an IPv4 connection to a dual-stack listener'; Pair = "pair(socket.AF_INET6, '::', '127.0.0.1')" }
        @{ Name = 'an IPv4-mapped connection of an IPv6 socket'; Pair = "pair(socket.AF_INET6, '::', '::ffff:127.0.0.1')" }
    ) {
        $policy = New-TcpKeepAlivePolicy "$prefix-all" -ControlGroup $group -IdleTime 30 -Interval 5 -ProbeCount 4 -UserTimeout 20
        Invoke-Pair $group "c, s = $Pair`nshow('client', c); show('server', s)" | Should -Be 'client 1 30 5 4 20000', 'server 1 30 5 4 20000'
        $policy.ConnectionCount | Should -Be 2
        $policy.FailureCount | Should -Be 0
    }

    It 'leaves alone what is not named, and connections of other groups' {
        $policy = New-TcpKeepAlivePolicy "$prefix-some" -ControlGroup $group -Interval 7 -UserTimeout 0 -WarningVariable warnings -WarningAction SilentlyContinue
        $warnings | Should -HaveCount 1 -Because 'the idle time stays at two hours'
        Invoke-Pair $group "c, s = pair(socket.AF_INET, '127.0.0.1', before=lambda c: c.setsockopt(6, 18, 999))`nshow('client', c)" | Should -Be 'client 1 7200 7 9 0'
        $other = New-TestGroup
        try {
            Invoke-Pair $other "c, s = pair(socket.AF_INET, '127.0.0.1')`nshow('client', c)" | Should -Be 'client 0 7200 75 9 0'
        } finally {
            Remove-TestGroup $other
        }
        $policy.ConnectionCount | Should -Be 2
    }
}
