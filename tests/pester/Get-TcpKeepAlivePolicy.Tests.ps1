BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-Module (Join-Path $PSScriptRoot 'PolicyTest.psm1')
    Import-TestModule
    $script:prefix = "t$PID"
}

Describe 'Get-TcpKeepAlivePolicy' -Skip:(-not $IsLinux) {
    BeforeEach {
        $script:group = $null
        Skip-WithoutPolicy
        $script:group = New-TestGroup
    }

    AfterEach {
        Remove-TestPolicy "$prefix-*"
        Remove-TestGroup $group
    }

    It 'lists what a policy is, whoever made it' {
        $made = New-TcpKeepAlivePolicy "$prefix-a.b@c" -ControlGroup $group -DetectWithin 60 -Direction Outbound -LocalPort 1024-65535 -RemotePort 80, 443, 442 -RemoteAddress 10.0.0.0/8, '2001:db8::/32' -Override
        $listed = Get-TcpKeepAlivePolicy "$prefix-a.b@c"
        foreach ($policy in $made, $listed) {
            $policy.PolicyName | Should -Be "$prefix-a.b@c"
            $policy.ControlGroup | Should -Be $group
            $policy.State | Should -Be Active
            [int]$policy.State | Should -BeGreaterOrEqual 1000
            $policy.KeepAlive.Enabled | Should -BeTrue
            $policy.KeepAlive.IdleTime | Should -Be ([timespan]'00:00:30')
            $policy.KeepAlive.DetectionTime | Should -Be ([timespan]'00:01:00')
            $policy.Direction | Should -Be Outbound
            $policy.LocalPort | Should -Be '1024-65535'
            $policy.RemotePort | Should -Be '80', '442-443'
            $policy.RemoteAddress | Sort-Object | Should -Be '10.0.0.0/8', '2001:db8::/32'
            $policy.Override | Should -BeTrue
            $policy.IsPersistent | Should -BeFalse
            $policy.ConnectionCount | Should -Be 0
            $policy.FailureCount | Should -Be 0
            $policy.PolicyId | Should -BeGreaterThan 0
            (($policy | Out-String -Width 200) -replace "\s+", " ") | Should -Match "remote port 80, 442-443"
        }
        $listed.PolicyId | Should -Be $made.PolicyId
        # As another process sees it.
        $seen = Invoke-TestPwsh -NoProfile -Command "Import-Module '$(Get-TestManifest)'; (Get-TcpKeepAlivePolicy '$prefix-*').PolicyName"
        $seen | Should -Be "$prefix-a.b@c"
    }

    It 'finds by names and patterns, and tells of a name that is not there' {
        foreach ($name in 'one', 'two') {
            Set-Variable $name (New-TcpKeepAlivePolicy "$prefix-$name" -ControlGroup $group -IdleTime 30)
        }
        (Get-TcpKeepAlivePolicy "$prefix-*").PolicyName | Should -Be "$prefix-one", "$prefix-two"
        (Get-TcpKeepAlivePolicy "$prefix-TWO").PolicyName | Should -Be "$prefix-two"
        (Get-TcpKeepAlivePolicy "$prefix-two", "$prefix-one").PolicyName | Should -HaveCount 2
        Get-TcpKeepAlivePolicy "$prefix-three*" | Should -BeNullOrEmpty
        Get-TcpKeepAlivePolicy "$prefix-three", "$prefix-one" -ErrorVariable failed -ErrorAction SilentlyContinue | Should -HaveCount 1
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'ENOENT,*'
        [pscustomobject]@{ PolicyName = "$prefix-one" } | Get-TcpKeepAlivePolicy | Should -HaveCount 1
    }

    It 'is data: whole as JSON, CSV and CLIXML, and text is no path' {
        $policy = New-TcpKeepAlivePolicy "$prefix-data" -ControlGroup $group -IdleTime 30 -RemotePort 80
        $json = $policy | ConvertTo-Json -Depth 4
        $json.Length | Should -BeLessThan 8192
        ($json | ConvertFrom-Json).RemotePort | Should -Be '80'
        ($policy | ConvertTo-Csv | ConvertFrom-Csv).PolicyName | Should -Be "$prefix-data"
        $back = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($policy))
        $back.State | Should -Be 'Active'
        $back.KeepAlive.IdleTime | Should -Be ([timespan]'00:00:30')
        ($back | Out-String -Width 200) | Should -Match '30 s'
        Test-Path -LiteralPath "$policy" -ErrorAction Ignore | Should -BeFalse
        $back | Remove-TcpKeepAlivePolicy
        $policy.State | Should -Be Removed
    }

    It 'completes names, groups and units' {
        $policy = New-TcpKeepAlivePolicy "$prefix-complete" -ControlGroup $group -IdleTime 30
        $unit = New-TestGroup "nktest-$PID-c.service"
        try {
            (TabExpansion2 "Get-TcpKeepAlivePolicy $prefix-com").CompletionMatches.CompletionText | Should -Be $policy.PolicyName
            (TabExpansion2 "New-TcpKeepAlivePolicy -ControlGroup /$(Split-Path $group -Leaf)").CompletionMatches.CompletionText | Should -Be "/$(Split-Path $group -Leaf)"
            (TabExpansion2 "New-TcpKeepAlivePolicy -Unit nktest-$PID-c").CompletionMatches.CompletionText | Should -Be "nktest-$PID-c.service"
        } finally {
            Remove-TestGroup $unit
        }
    }

    It 'is one clear error for who may not list: <Name>' -ForEach @(
        @{ Name = 'another user'; Run = { Invoke-AsNobody $args[0] }; Tool = 'setpriv' }
        @{ Name = 'root of a container'; Run = { $pwsh = Get-TestPwsh; unshare --user --map-root-user $pwsh -NoProfile -Command "Import-Module '$(Get-TestManifest)'; $($args[0])" }; Tool = 'unshare' }
    ) {
        Skip-WithoutTool $Tool
        $lines = & $Run @"
`$null = New-TcpKeepAlivePolicy $prefix-theirs -IdleTime 30 -RemotePort 0 -ErrorAction SilentlyContinue; `$Error.Count; `$Error[0].FullyQualifiedErrorId; "`$(`$Error[0])"; `$Error.Clear()
`$null = Get-TcpKeepAlivePolicy -ErrorAction SilentlyContinue; `$Error.Count; `$Error[0].FullyQualifiedErrorId; "`$(`$Error[0])"
"@
        $lines[0, 3] | Should -Be '1', '1'
        $lines[1] | Should -BeLike 'EPERM,*'
        $lines[2] | Should -Match 'CAP_BPF and CAP_NET_ADMIN|user namespace'
        $lines[4] | Should -BeLike 'EPERM,*'
        $lines[5] | Should -Match 'CAP_SYS_ADMIN|user namespace'
        Get-TcpKeepAlivePolicy "$prefix-theirs*" | Should -BeNullOrEmpty
    }

    It 'is one clear error where cgroup2 is not mounted' {
        Skip-WithoutTool unshare, umount
        $pwsh = Get-TestPwsh
        $script = "Import-Module '$(Get-TestManifest)'; New-TcpKeepAlivePolicy $prefix-none -IdleTime 30 -ErrorAction SilentlyContinue; " +
        '$Error.Count; $Error[0].FullyQualifiedErrorId; $Error[0].Exception.Message'
        $lines = unshare --mount sh -c 'umount "$0" && exec "$@"' (Get-TestGroupRoot) @pwsh -NoProfile -Command $script
        $lines[0] | Should -Be 1
        $lines[1] | Should -BeLike 'ENOENT,*'
        $lines[2] | Should -Match 'mount -t cgroup2'
    }
}
