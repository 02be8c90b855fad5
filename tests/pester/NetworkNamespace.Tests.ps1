BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-Module (Join-Path $PSScriptRoot 'SocketTest.psm1')
    Import-TestModule
}

Describe 'Other network namespaces' -Skip:(-not $IsLinux) {
    BeforeAll {
        $usable = (id -u) -eq 0 -and (Get-Command ip -ErrorAction Ignore) -and (Get-Command python3 -ErrorAction Ignore)
        $names = "nka-$PID-1", "nka-$PID-2"
        $program = @'
import socket, sys
l = socket.socket(); l.bind(('127.0.0.1', 5005)); l.listen(5)
c = socket.create_connection(('127.0.0.1', 5005)); s, _ = l.accept()
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind(('127.0.0.1', 5006))
x = socket.socket(socket.AF_UNIX); x.bind('\0in-' + sys.argv[1]); x.listen(1)
print('ready', flush=True)
for line in sys.stdin:
    try:
        c.settimeout(20); print(len(c.recv(1)), flush=True)
    except OSError as e:
        print(e.strerror, flush=True)
'@
        $processes = @()
        if ($usable) {
            $processes = foreach ($name in $names) {
                ip netns add $name
                ip netns exec $name ip link set lo up
                $process = Start-TestProcess ip 'netns', 'exec', $name, 'python3', '-u', '-c', $program, $name
                $null = $process.StandardOutput.ReadLine()
                $process
            }
        }
    }
    BeforeEach {
        if (-not $usable) {
            Set-ItResult -Skipped -Because 'it takes root, ip and python3'
        }
    }
    AfterAll {
        $processes | Where-Object { -not $_.HasExited } | ForEach-Object Kill
        if ($usable) {
            $names | ForEach-Object { ip netns del $_ 2>$null }
        }
    }

    It 'are listed by name, path, process and all together, each row saying its own' {
        $rows = Get-TcpConnection -NetworkNamespace $names[0] -State Established
        $rows.Count | Should -Be 2
        $rows.NetworkNamespace | Select-Object -Unique | Should -Be $names[0]
        $rows.OwningProcess | Select-Object -Unique | Should -Be $processes[0].Id
        Get-TcpConnection 127.0.0.1 5005 | Where-Object OwningProcess -In $processes.Id | Should -BeNullOrEmpty
        (Get-TcpConnection -NetworkNamespace "/run/netns/$($names[1])" -State Listen).NetworkNamespace | Should -Be $names[1]
        Push-Location /run/netns
        try {
            (Get-TcpConnection -NetworkNamespace "./$($names[1])" -State Listen).NetworkNamespace | Should -Be $names[1]
        } finally {
            Pop-Location
        }
        (Get-TcpConnection -NetworkNamespace $processes[1].Id -State Listen).NetworkNamespace | Should -Be $names[1]
        $all = Get-TcpConnection -NetworkNamespace * -LocalPort 5005 -State Listen | Where-Object NetworkNamespace -In $names
        ($all.NetworkNamespace | Sort-Object) | Should -Be $names
        $here = New-TcpSocketListener 0 127.0.0.1
        @(Get-TcpConnection -NetworkNamespace * -LocalPort $here.LocalPort).Where({ -not $_.NetworkNamespace }).OwningProcess | Should -Be $PID
        Close-Socket $here
    }

    It 'are followed into by a process, as an argument and by pipeline, also of UDP and Unix sockets' {
        (Get-TcpConnection -OwningProcess $processes[0].Id).Count | Should -Be 3
        (Get-Process -Id $processes[0].Id | Get-TcpConnection).Count | Should -Be 3
        (Get-UdpEndpoint -OwningProcess $processes[0].Id).LocalPort | Should -Be 5006
        (Get-UnixSocket -OwningProcess $processes[0].Id).AbstractName | Should -Be "in-$($names[0])"
        (Wait-TcpConnection -OwningProcess $processes[0].Id -State Listen -Timeout 20).NetworkNamespace | Should -Be $names[0]
    }

    It 'have the same sockets as ss shows there' {
        foreach ($name in $names) {
            $theirs = ip netns exec $name ss -tanHO | ForEach-Object { $f = -split $_; "$($f[3]) $($f[4] -replace '\*$', '0')" } | Sort-Object
            $ours = Get-TcpConnection -NetworkNamespace $name | ForEach-Object { "$($_.LocalAddress):$($_.LocalPort) $($_.RemoteAddress):$($_.RemotePort)" } | Sort-Object
            $ours | Should -Be $theirs
        }
    }

    It 'have rows that stay good: set, got, read, tested, waited for' {
        $row = Get-TcpConnection -NetworkNamespace $names[0] -RemotePort 5005 -KeepAlive
        $row.KeepAlive.Enabled | Should -BeFalse
        ($row | Set-TcpKeepAlive -IdleTime 33 -PassThru).KeepAlive.IdleTime | Should -Be '00:00:33'
        ($row | Get-TcpKeepAlive).IdleTime | Should -Be '00:00:33'
        $info = $row | Get-TcpInfo
        $info.NetworkNamespace | Should -Be $names[0]
        ($info | Get-TcpConnection).Cookie | Should -Be $row.Cookie
        ($row | Test-TcpKeepAlive).Alive | Should -BeTrue
        ($row | Get-TcpKeepAlive).IdleTime | Should -Be '00:00:33'
    }

    It 'have connections that are ended from outside, as a row and as an imported socket' {
        $row = Get-TcpConnection -NetworkNamespace $names[0] -RemotePort 5005
        $row | Stop-TcpConnection -Confirm:$false
        $processes[0].StandardInput.WriteLine()
        $processes[0].StandardOutput.ReadLine() | Should -Match 'abort'
        $other = Get-TcpConnection -NetworkNamespace $names[1] -RemotePort 5005
        $socket = Import-SocketHandle -ProcessId $other.OwningProcess -FileDescriptor $other.FileDescriptor
        ($socket | Get-TcpInfo).NetworkNamespace | Should -Be $names[1]
        $socket | Stop-TcpConnection -Confirm:$false
        $processes[1].StandardInput.WriteLine()
        $processes[1].StandardOutput.ReadLine() | Should -Match 'abort'
        Close-Socket $socket
    }

    It 'are listed beside one that is not there, and those that may not be seen are counted' {
        foreach ($list in { Get-TcpConnection -NetworkNamespace $args -State Listen }, { Get-UdpEndpoint -NetworkNamespace $args }) {
            (& $list "no-such-$PID" $names[0] -ErrorAction SilentlyContinue).NetworkNamespace | Should -Be $names[0]
        }
        Get-UnixSocket -NetworkNamespace $names[0] -AbstractName "in-$($names[0])" | Out-String -Width 80 | Should -Match "in $($names[0])"
        Skip-WithoutNobody
        $answer = Invoke-AsNobody 'Get-TcpConnection -NetworkNamespace * -LocalPort 1 -ErrorAction SilentlyContinue -WarningVariable warned 3> $null; "$($warned.Count) $warned"'
        $answer | Should -BeLike '1 The network namespaces of * processes could not be seen for lack of rights.*'
    }

    It 'are ENOENT where they are gone, another by then, or were never there' {
        $row = Get-TcpConnection -NetworkNamespace $names[1] -State Listen
        $processes[1].Kill()
        $processes[1].WaitForExit()
        ip netns del $names[1]
        ip netns add $names[1]
        $row | Get-TcpInfo -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ENOENT,*'
        Get-TcpConnection -NetworkNamespace "no-such-$PID" -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ENOENT,*'
        Get-TcpConnection -NetworkNamespace ('/' + 'a' * 4MB) -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ENOENT,*'
        Get-TcpConnection -NetworkNamespace /etc/passwd -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'EINVAL,*'
    }
}
