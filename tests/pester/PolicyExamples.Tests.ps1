# The scripts in examples/ that are about keep-alive policies.
BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-Module (Join-Path $PSScriptRoot 'PolicyTest.psm1')
    Import-TestModule
    $script:examples = Join-Path $PSScriptRoot '../../examples'
    $script:prefix = "t$PID"
}

Describe 'The example' -Skip:(-not $IsLinux) {
    BeforeEach {
        $script:group = $null
        Skip-WithoutPolicy unshare, python3
        $script:group = New-TestGroup
    }

    AfterEach {
        Remove-TestPolicy "$prefix-*"
        Remove-TestGroup $group
    }

    It 'New-DatabaseKeepAlivePolicy.ps1 keeps clients of a port from being forgotten' {
        & "$examples/New-DatabaseKeepAlivePolicy.ps1" -ControlGroup $group -Name "$prefix-whatif" -WhatIf
        Get-TcpKeepAlivePolicy "$prefix-*" | Should -BeNullOrEmpty
        # It lasts: in a mount namespace of the test's own.
        $pwsh = Get-TestPwsh
        $script = "Import-Module '$(Get-TestManifest)'; & '$examples/New-DatabaseKeepAlivePolicy.ps1' -Network 127.0.0.0/8 -Port 5432 -ControlGroup '$group' -Name '$prefix-db' | " +
        'ForEach-Object { "$($_.RemotePort) $($_.RemoteAddress) $($_.Direction) $($_.KeepAlive.DetectionTime.TotalSeconds) $($_.IsPersistent)" }; ' + "Remove-TcpKeepAlivePolicy '$prefix-db'"
        Invoke-InOwnMount ($pwsh + '-NoProfile', '-Command', $script) | Should -Be '5432 127.0.0.0/8 Outbound 260 True'
    }

    It 'New-ContainerKeepAlivePolicy.ps1 covers the group of a process, its live connections too' {
        $process = Start-InGroup $group python3 '-c', @'
import socket, sys
l = socket.create_server(('127.0.0.1', 0))
c = socket.create_connection(l.getsockname()); s, _ = l.accept()
print('ready', flush=True); sys.stdin.readline()
print(c.getsockopt(1, 9), c.getsockopt(6, 4), s.getsockopt(6, 4), flush=True)
'@
        try {
            $null = $process.StandardOutput.ReadLine()
            $pwsh = Get-TestPwsh
            $script = "Import-Module '$(Get-TestManifest)'; (& '$examples/New-ContainerKeepAlivePolicy.ps1' $($process.Id) -DetectWithin 20 -Name '$prefix-c').ConnectionCount; Remove-TcpKeepAlivePolicy '$prefix-c'"
            Invoke-InOwnMount ($pwsh + '-NoProfile', '-Command', $script) | Should -Be 2
            $process.StandardInput.WriteLine()
            $process.StandardOutput.ReadLine() | Should -Be '1 11 11'
        } finally {
            Stop-TestProcess $process
        }
    }

    It 'Get-UncoveredConnection.ps1 tells connections that no policy covers' {
        $process = Start-InGroup $group python3 '-c', @'
import socket, sys
for i in range(2):
    l = socket.create_server(('127.0.0.1', 0)); c = socket.create_connection(l.getsockname())
    globals()[f'l{i}'] = l; globals()[f'c{i}'] = c
    print(l.getsockname()[1], flush=True)
sys.stdin.readline()
'@
        try {
            $covered = [int]$process.StandardOutput.ReadLine()
            $open = [int]$process.StandardOutput.ReadLine()
            $policy = New-TcpKeepAlivePolicy "$prefix-audit" -ControlGroup $group -IdleTime 30 -RemotePort $covered -RemoteAddress 127.0.0.0/8 -Direction Outbound
            $policy.State | Should -Be Active
            $rows = @(& "$examples/Get-UncoveredConnection.ps1" | Where-Object RemotePort -In $covered, $open)
            $rows.RemotePort | Should -Be $open
            $rows[0].ControlGroup | Should -Be $group
        } finally {
            Stop-TestProcess $process
        }
    }
}
