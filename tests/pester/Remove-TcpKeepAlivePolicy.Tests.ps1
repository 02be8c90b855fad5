BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-Module (Join-Path $PSScriptRoot 'PolicyTest.psm1')
    Import-TestModule
    $script:prefix = "t$PID"
}

Describe 'Remove-TcpKeepAlivePolicy' -Skip:(-not $IsLinux) {
    BeforeEach {
        $script:group = $null
        Skip-WithoutPolicy python3
        $script:group = New-TestGroup
    }

    AfterEach {
        Remove-TestPolicy "$prefix-*"
        Remove-TestGroup $group
    }

    It 'ends a policy at once: by object, by name, by pattern' {
        $program = "c, s = pair(socket.AF_INET, '127.0.0.1')`nshow('c', c)"
        $ways = @(
            { $policy | Remove-TcpKeepAlivePolicy }
            { Remove-TcpKeepAlivePolicy $policy }
            { Remove-TcpKeepAlivePolicy "$prefix-end" }
            { Remove-TcpKeepAlivePolicy "$prefix-*" }
            { Get-TcpKeepAlivePolicy "$prefix-end" | Remove-TcpKeepAlivePolicy }
            { $policy.Dispose() }
        )
        foreach ($way in $ways) {
            $policy = New-TcpKeepAlivePolicy "$prefix-end" -ControlGroup $group -IdleTime 30
            & $way | Should -BeNullOrEmpty
            Get-TcpKeepAlivePolicy "$prefix-*" | Should -BeNullOrEmpty
            $policy.State | Should -Be Removed
        }
        Invoke-Pair $group $program | Should -Be 'c 0 7200 75 9 0'
    }

    It 'does nothing with -WhatIf, takes nothing, and tells of what is not there' {
        $policy = New-TcpKeepAlivePolicy "$prefix-stay" -ControlGroup $group -IdleTime 30
        $policy | Remove-TcpKeepAlivePolicy -WhatIf
        Remove-TcpKeepAlivePolicy $null
        Remove-TcpKeepAlivePolicy @()
        $policy.State | Should -Be Active
        Remove-TcpKeepAlivePolicy "$prefix-nothing*"
        Remove-TcpKeepAlivePolicy "$prefix-other" -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'ENOENT,*'
        $policy | Remove-TcpKeepAlivePolicy
        $policy | Remove-TcpKeepAlivePolicy -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'ENOENT,*'
    }

    It 'is not needed where the process of a policy is killed' {
        $process = Start-TestPwsh ('-NoProfile', '-Command', "Import-Module '$(Get-TestManifest)'; `$p = New-TcpKeepAlivePolicy $prefix-killed -ControlGroup $group -IdleTime 30; `$p.State; Start-Sleep 600")
        try {
            $process.StandardOutput.ReadLine() | Should -Be Active
            (Get-TcpKeepAlivePolicy "$prefix-killed").State | Should -Be Active
        } finally {
            Stop-TestProcess $process
        }
        Wait-Until { -not (Get-TcpKeepAlivePolicy "$prefix-killed*") } 'the end of the policy'
    }

    It 'removes one that lasts beyond its session, and leaves nothing under bpffs' {
        Skip-WithoutTool unshare
        $sessions = @"
`$p = New-TcpKeepAlivePolicy $prefix-last.ing -ControlGroup $group -IdleTime 30 -Persist
`$p.IsPersistent
[int][System.IO.File]::GetUnixFileMode('/sys/fs/bpf/netkeepalive')
"@, @"
Get-TcpKeepAlivePolicy '$prefix-*' | ForEach-Object { `$_.PolicyName, `$_.IsPersistent, "`$(`$_.State)" }
Set-TcpKeepAlivePolicy $prefix-last.ing -IdleTime 40
sh -c 'echo `$`$ > $group/cgroup.procs; exec python3 -c "import socket; l = socket.create_server((str(), 0)); c = socket.create_connection(l.getsockname()); print(c.getsockopt(6, 4))"'
(Get-TcpKeepAlivePolicy '$prefix-*').ConnectionCount
"@, @"
Get-ChildItem /sys/fs/bpf/netkeepalive -Recurse -Name
Remove-TcpKeepAlivePolicy $prefix-last.ing
Test-Path /sys/fs/bpf/netkeepalive
@(Get-TcpKeepAlivePolicy '$prefix-*').Count
"@
        $file = New-TemporaryFile
        try {
            # The file system is mounted, if need be, in a mount namespace of the test's own.
            $commands = foreach ($i in 0..2) {
                "`$PSStyle.OutputRendering = 'PlainText'; Import-Module '$(Get-TestManifest)'`n$($sessions[$i])" | Set-Content "$file.$i.ps1"
                "$(Get-TestPwshText) -NoProfile -File $file.$i.ps1"
            }
            Invoke-InOwnMount sh, '-c', ($commands -join "`n") | Should -Be @(
                'True', '448'
                "$prefix-last.ing", 'True', 'Active', '40', '2'
                'links', "links/$prefix-last~ing", 'False', '0'
            )
        } finally {
            Remove-Item $file, "$file.*.ps1" -ErrorAction Ignore
        }
        Get-TcpKeepAlivePolicy "$prefix-*" | Should -BeNullOrEmpty
    }

    It 'removes the pins of a unit, whose program systemd is to find under its drop-in' {
        Skip-WithoutTool unshare
        if (Test-Path /run/systemd/system) {
            Set-ItResult -Skipped -Because 'systemd runs here'
        }
        $unit = New-TestGroup "nktest$PID.service"
        $pwsh = Get-TestPwsh
        $file = New-TemporaryFile
        try {
            @"
`$PSStyle.OutputRendering = 'PlainText'; Import-Module '$(Get-TestManifest)'
`$p = New-TcpKeepAlivePolicy $prefix-u.nit -Unit nktest$PID -IdleTime 30 -Persist -InformationVariable told 6>`$null
`$p.DropIn.TrimEnd()
("`$told" -match 'BPFProgram').ToString()
Test-Path /sys/fs/bpf/netkeepalive/programs/$prefix-u~nit
(Get-TcpKeepAlivePolicy $prefix-u.nit).DropIn -eq `$p.DropIn
`$p | Remove-TcpKeepAlivePolicy
Test-Path /sys/fs/bpf/netkeepalive
"@ | Set-Content "$file.ps1"
            Invoke-InOwnMount ($pwsh + '-NoProfile', '-File', "$file.ps1") | Should -Be @(
                "# /etc/systemd/system/nktest$PID.service.d/netkeepalive.conf", '[Service]', "BPFProgram=sock_ops:/sys/fs/bpf/netkeepalive/programs/$prefix-u~nit"
                'True', 'True', 'True', 'False'
            )
        } finally {
            Remove-Item $file, "$file.ps1" -ErrorAction Ignore
            Remove-TestGroup $unit
        }
    }
}
