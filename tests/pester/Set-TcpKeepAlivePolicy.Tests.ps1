BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-Module (Join-Path $PSScriptRoot 'PolicyTest.psm1')
    Import-TestModule
    $script:prefix = "t$PID"
}

Describe 'Set-TcpKeepAlivePolicy' -Skip:(-not $IsLinux) {
    BeforeEach {
        $script:group = $null
        Skip-WithoutPolicy python3
        $script:group = New-TestGroup
    }

    AfterEach {
        Remove-TestPolicy "$prefix-*"
        Remove-TestGroup $group
    }

    It 'changes what is named, by name and by object, and counts on' {
        $policy = New-TcpKeepAlivePolicy "$prefix-set" -ControlGroup $group -IdleTime 30 -Interval 10
        $program = "c, s = pair(socket.AF_INET, '127.0.0.1')`nshow('c', c)"
        Invoke-Pair $group $program | Should -Be 'c 1 30 10 9 0'
        Set-TcpKeepAlivePolicy "$prefix-set" -IdleTime 40 | Should -BeNullOrEmpty
        $policy | Set-TcpKeepAlivePolicy -ProbeCount 3
        $after = Set-TcpKeepAlivePolicy -InputObject (Get-TcpKeepAlivePolicy "$prefix-set") -UserTimeout 0 -PassThru
        $after.KeepAlive.IdleTime | Should -Be ([timespan]'00:00:40')
        $after.KeepAlive.UserTimeout | Should -Be ([timespan]::Zero)
        Invoke-Pair $group $program | Should -Be 'c 1 40 10 3 0'
        $policy.ConnectionCount | Should -Be 4
        $policy.KeepAlive.ProbeCount | Should -Be 3
        Set-TcpKeepAlivePolicy $policy -DetectWithin 20
        Invoke-Pair $group $program | Should -Be 'c 1 11 3 3 20000'
        $policy | Set-TcpKeepAlivePolicy -IdleTime 5 -WhatIf -PassThru | Should -BeNullOrEmpty
        $policy.KeepAlive.IdleTime | Should -Be ([timespan]'00:00:11')
    }

    It 'gives every connection all of the old settings or all of the new, and none nothing' {
        $policy = New-TcpKeepAlivePolicy "$prefix-flip" -ControlGroup $group -IdleTime 30 -Interval 30 -ProbeCount 30 -UserTimeout 30
        $process = Start-InGroup $group python3 '-c', @'
import socket, threading, sys
l = socket.create_server(('127.0.0.1', 0), backlog=64)
seen, go = {}, True
def watch():
    global go
    sys.stdin.readline(); go = False
threading.Thread(target=watch, daemon=True).start()
print('ready', flush=True)
while go:
    c = socket.create_connection(l.getsockname()); s, _ = l.accept()
    for x in c, s:
        key = (x.getsockopt(1, 9), *[x.getsockopt(6, o) for o in (4, 5, 6)], x.getsockopt(6, 18) // 1000)
        seen[key] = seen.get(key, 0) + 1
        x.setsockopt(1, 13, b'\1\0\0\0\0\0\0\0'); x.close()
print(sorted(seen)); print(sum(seen.values()))
'@
        try {
            $null = $process.StandardOutput.ReadLine()
            foreach ($i in 1..60) {
                $n = $i % 2 ? 60 : 30
                Set-TcpKeepAlivePolicy $policy -IdleTime $n -Interval $n -ProbeCount $n -UserTimeout $n
            }
            $process.StandardInput.WriteLine()
            $process.StandardOutput.ReadLine() | Should -BeIn '[(1, 30, 30, 30, 30), (1, 60, 60, 60, 60)]', '[(1, 30, 30, 30, 30)]', '[(1, 60, 60, 60, 60)]'
            $policy.ConnectionCount | Should -Be ([long]$process.StandardOutput.ReadLine())
        } finally {
            Stop-TestProcess $process
        }
    }

    It 'tells of a policy that is gone, and of no settings' {
        $policy = New-TcpKeepAlivePolicy "$prefix-gone" -ControlGroup $group -IdleTime 30
        { Set-TcpKeepAlivePolicy $policy } | Should -Throw -ErrorId 'EINVAL,*'
        $listed = Get-TcpKeepAlivePolicy "$prefix-gone"
        $policy.Dispose()
        $policy.State | Should -Be Removed
        foreach ($one in $policy, $listed) {
            Set-TcpKeepAlivePolicy $one -IdleTime 40 -ErrorVariable failed -ErrorAction SilentlyContinue
            $failed[0].FullyQualifiedErrorId | Should -BeLike 'ENOENT,*'
            $failed[0].TargetObject | Should -Be $one
        }
        Set-TcpKeepAlivePolicy "$prefix-gone" -IdleTime 40 -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'ENOENT,*'
    }
}
