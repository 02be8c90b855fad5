# Live connections of real programs, and a fleet of hosts.

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-Module (Join-Path $PSScriptRoot 'StreamTest.psm1')
    Import-TestModule
    $script:work = New-Item (Join-Path ([System.IO.Path]::GetTempPath()) "nk-$([guid]::NewGuid().ToString('N').Substring(0, 8))") -ItemType Directory
    chmod 755 $work

    function Wait-Port([int]$Port) {
        Wait-Until { Get-TcpConnection -LocalPort $Port -State Listen } "a server on port $Port" 120
    }

    # Seconds left of the keep-alive timer, as ss has it.
    function Get-SsTimer([int]$LocalPort) {
        $line = ss -tno "sport = :$LocalPort" | Select-Object -Last 1
        if ($line -match 'timer:\(keepalive,(?:(?<m>\d+)min)?(?:(?<s>\d+)sec)?') {
            60 * [int]($Matches['m'] ?? 0) + [int]($Matches['s'] ?? 0)
        }
    }

    function New-SshdConfig([string]$Name, [string]$Listen, [int]$Port) {
        $file = Join-Path $work "$Name.conf"
        @"
Port $Port
ListenAddress $Listen
HostKey $work/host
AuthorizedKeysFile $work/user.pub
PidFile none
StrictModes no
UsePAM no
PermitRootLogin yes
TCPKeepAlive yes
Subsystem powershell $(Get-TestPwsh) -sshs -NoLogo
"@ | Set-Content $file
        $file
    }

    if (-not (Get-MissingTool ssh-keygen)) {
        ssh-keygen -q -t ed25519 -N '' -f "$work/host"
        ssh-keygen -q -t ed25519 -N '' -f "$work/user"
    }
    $script:sshOption = @('-i', "$work/user", '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR', '-o', 'TCPKeepAlive=no', '-F', 'none')
}

AfterAll {
    Remove-Item $work -Recurse -Force
}

Describe 'A running <Name>' -Skip:(-not $IsLinux) -ForEach @(
    @{
        Name = 'Python client'; Tools = 'python3', 'strace', 'ss'
        Serve = {
            Start-TestProcess python3 '-c', "import socket`ns=socket.socket();s.bind(('127.0.0.1',$port));s.listen();c,_=s.accept()`nwhile True:`n d=c.recv(99)`n if not d: break`n c.send(d)"
        }
        Connect = {
            Start-TestProcess python3 '-u', '-c', "import socket,sys`ns=socket.create_connection(('127.0.0.1',$port))`nfor l in sys.stdin:`n s.send(l.encode()); print(s.recv(99).decode(),end='')"
        }
        Say = 'ping'; Hear = 'ping'
    }
    @{
        Name = 'redis-cli'; Tools = 'redis-server', 'redis-cli', 'strace', 'ss'
        Serve = { Start-TestProcess redis-server '--port', $port, '--bind', '127.0.0.1', '--save', '', '--dir', $work }
        # Its output is buffered by line only on a terminal.
        Connect = { Start-TestProcess redis-cli '-h', '127.0.0.1', '-p', $port }
        Say = 'PING'; Hear = 'PONG'
    }
    @{
        Name = 'psql'; Tools = 'psql', 'strace', 'ss', 'runuser'
        Prepare = {
            $bin = Get-Item '/usr/lib/postgresql/*/bin', '/usr/bin' -ErrorAction Ignore |
                Where-Object { Test-Path "$_/initdb" } | Select-Object -Last 1
            $data = "$work/pg"
            $null = New-Item $data -ItemType Directory
            chown postgres $data
            runuser -u postgres -- "$bin/initdb" -D $data -A trust --no-sync *> $null
        }
        Serve = {
            Start-TestProcess runuser '-u', 'postgres', '--', "$bin/postgres", '-D', $data, '-p', $port, '-h', '127.0.0.1', '-k', $data, '-F'
        }
        Connect = {
            # It listens before it lets anybody in.
            Wait-Until { psql -h 127.0.0.1 -p $port -U postgres -c 'select 1' postgres *> $null; $LASTEXITCODE -eq 0 } 'the database' 120
            Start-TestProcess psql '-h', '127.0.0.1', '-p', $port, '-U', 'postgres', '-At', 'keepalives=0 dbname=postgres'
        }
        Say = 'select 6*7;'; Hear = '42'
    }
    @{
        Name = 'ssh'; Tools = 'ssh', 'sshd', 'ssh-keygen', 'strace', 'ss'
        Serve = {
            $null = New-Item /run/sshd -ItemType Directory -Force
            Start-TestProcess (Get-Command sshd -CommandType Application)[0].Source '-D', '-f', (New-SshdConfig loopback 127.0.0.1 $port)
        }
        Connect = { Start-TestProcess ssh ($sshOption + @('-p', $port, 'root@127.0.0.1', 'cat')) }
        Say = 'hello'; Hear = 'hello'
    }
) {
    BeforeAll {
        $server = $client = $null
        $script:unable = if ((id -u) -ne 0) { 'it takes root' } else { Get-MissingTool $Tools }
        if (-not $unable) {
            # What takes its time comes before the port is chosen: somebody else may get it.
            if ($Prepare) {
                . $Prepare
            }
            $port = Get-FreePort
            $server = & $Serve
            Wait-Port $port
            $client = & $Connect
        }
    }
    AfterAll {
        Stop-TestProcess $client
        Stop-TestProcess $server
    }

    It 'gets new keep-alive values without being stopped, and goes on working' {
        if ($unable) {
            Set-ItResult -Skipped -Because $unable
        }
        $client.StandardInput.WriteLine($Say)
        $client.StandardInput.Flush()
        $client.StandardOutput.ReadLine() | Should -Be $Hear
        $row = Get-TcpConnection -RemotePort $port -State Established -KeepAlive | Where-Object OwningProcess -EQ $client.Id
        $row.KeepAlive | Should -Not -BeNullOrEmpty

        # strace tells of every signal and stop of the client, and of what it does to its sockets' options.
        $trace = "$work/trace-$port"
        $strace = Start-TestProcess strace '-f', '-o', $trace, '-e', 'trace=setsockopt', '-p', $client.Id
        Wait-Until { (Get-Content "/proc/$($client.Id)/status") -match "TracerPid:\s+$($strace.Id)" } 'strace'
        $row | Set-TcpKeepAlive -IdleTime 321 -Interval 12 -ProbeCount 5 -UserTimeout 90s
        $now = Get-TcpConnection -LocalPort $row.LocalPort -RemotePort $port -KeepAlive
        # Another timer hides it while data is on its way.
        Wait-Until { (Get-SsTimer $row.LocalPort) -in 200..321 } 'the timer in ss' 60
        Stop-TestProcess $strace
        Get-Content $trace | Where-Object { $_ -match 'stopped|SIGSTOP|setsockopt' } | Should -BeNullOrEmpty

        $now.KeepAlive.Enabled | Should -BeTrue
        $now.KeepAlive.IdleTime | Should -Be '00:05:21'
        $now.KeepAlive.Interval | Should -Be '00:00:12'
        $now.KeepAlive.ProbeCount | Should -Be 5
        $now.KeepAlive.UserTimeout | Should -Be '00:01:30'
        $client.StandardInput.WriteLine($Say)
        $client.StandardInput.Flush()
        $client.StandardOutput.ReadLine() | Should -Be $Hear
        ($now | Test-TcpKeepAlive).Alive | Should -BeTrue
        $client.StandardInput.WriteLine($Say)
        $client.StandardInput.Flush()
        $client.StandardOutput.ReadLine() | Should -Be $Hear
    }
}

Describe 'A fleet of three hosts' -Skip:(-not $IsLinux) {
    BeforeAll {
        $script:unable = if ((id -u) -ne 0) { 'it takes root' } else { Get-MissingTool ip, sshd, ssh, ssh-keygen, python3 }
        $script:hosts = @()
        $processes = [System.Collections.Generic.List[object]]::new()
        if (-not $unable) {
            $null = New-Item /run/sshd -ItemType Directory -Force
            # Names and addresses of one's own, should the tests run twice at the same time.
            $block = 16 * ($PID % 4096)
            $net = "198.18.$($block -shr 8)"
            $first = $block -band 255
            foreach ($number in 1..3) {
                $name = "nkf$number-$PID"
                ip netns add $name
                if ($LASTEXITCODE -ne 0) {
                    $script:unable = 'it takes network namespaces'
                    break
                }
                ip link add $name type veth peer name eth0 netns $name
                ip addr add "$net.$($first + 4 * $number + 1)/30" dev $name
                ip link set $name up
                $address = "$net.$($first + 4 * $number + 2)"
                ip -n $name addr add "$address/30" dev eth0
                ip -n $name link set eth0 up
                ip -n $name link set lo up
                $script:hosts += $address
                $sshd = (Get-Command sshd -CommandType Application)[0].Source
                $processes.Add((Start-TestProcess ip netns, exec, $name, $sshd, '-D', '-f', (New-SshdConfig "host$number" $address 22)))
                # Three connections without keep-alive, one with.
                $pair = Start-TestProcess ip netns, exec, $name, python3, '-c', @'
import socket,sys
l=socket.socket();l.bind(('127.0.0.1',0));l.listen()
keep=[]
for i in range(4):
    c=socket.create_connection(l.getsockname()); a,_=l.accept(); a.setsockopt(1,9,1)
    if i==3: c.setsockopt(1,9,1)
    keep+=[c,a]
print('ready',flush=True); sys.stdin.read()
'@
                $null = $pair.StandardOutput.ReadLine()
                $processes.Add($pair)
            }
            if (-not $unable) {
                foreach ($number in 1..3) {
                    Wait-Until { Get-TcpConnection -NetworkNamespace "nkf$number-$PID" -LocalPort 22 -State Listen } "sshd of host $number" 120
                }
            }
        }
    }
    AfterAll {
        foreach ($process in $processes) {
            Stop-TestProcess $process
        }
        foreach ($number in 1..3) {
            ip netns del "nkf$number-$PID" 2>$null
            ip link del "nkf$number-$PID" 2>$null
        }
    }
    BeforeEach {
        if ($unable) {
            Set-ItResult -Skipped -Because $unable
        }
    }

    It 'is listed, fixed and verified by one command' {
        $fleet = @{
            HostName = $hosts; UserName = 'root'; KeyFilePath = "$work/user"; Module = Get-TestManifest
            SshOption = @{ StrictHostKeyChecking = 'no'; UserKnownHostsFile = '/dev/null'; LogLevel = 'ERROR' }
        }
        $script = Join-Path $PSScriptRoot '../../examples/Repair-FleetKeepAlive.ps1'

        $listed = & $script @fleet -WhatIf
        $listed.Count | Should -Be 9
        $listed.KeepAlive.Enabled | Should -Not -Contain $true

        $fixed = & $script @fleet
        $fixed.Count | Should -Be 9
        ($fixed.PSComputerName | Sort-Object -Unique).Count | Should -Be 3
        foreach ($row in $fixed) {
            $row.KeepAlive.Enabled | Should -BeTrue
            $row.KeepAlive.DetectionTime | Should -Be '00:01:00'
            $row.OwningProcessName | Should -Be 'python3'
        }
        $fixed | Out-String -Width 120 | Should -Match '127\.0\.0\.1:\d+ +127\.0\.0\.1:\d+ +Established +python3 \(\d+\).*30 s \+ 3 x 10 s'

        @(& $script @fleet -WhatIf).Count | Should -Be 0

        # As the script's header has it, where ssh is set up for these hosts: here by a script in its place.
        $ssh = Join-Path $TestDrive 'ssh'
        "#!/bin/sh`nexec $((Get-Command ssh -CommandType Application)[0].Source) $sshOption `"`$@`"" | Set-Content $ssh
        chmod +x $ssh
        $path = $env:PATH
        try {
            $env:PATH = "${TestDrive}:$path"
            @(& $script -HostName $hosts -UserName root -Module (Get-TestManifest) -WhatIf -ErrorVariable failures).Count | Should -Be 0
            $failures | Should -BeNullOrEmpty
        } finally {
            $env:PATH = $path
        }
    }
}

Describe 'The check of databases' -Skip:(-not $IsLinux) {
    It 'fails while a dead database could go unnoticed, and passes when it is fixed' {
        $connection = New-TestConnection
        $check = Join-Path $PSScriptRoot '../../examples/DatabaseKeepAlive.Tests.ps1'
        $manifest = Get-TestManifest
        $pester = (Get-Module Pester).Path
        $run = {
            Invoke-TestPwsh -NoLogo -NoProfile -Command "Import-Module '$manifest'; Import-Module '$pester'; `$env:DATABASE_PORT = '$($connection.Port)'; `$run = Invoke-Pester '$check' -PassThru -Output None; `"`$(`$run.PassedCount) `$(`$run.FailedCount)`""
        }
        & $run | Select-Object -Last 1 | Should -Be '1 1'
        Get-TcpConnection -RemotePort $connection.Port | Set-TcpKeepAlive -IdleTime 30 -Interval 10 -ProbeCount 3
        & $run | Select-Object -Last 1 | Should -Be '2 0'
        $connection.Client.Dispose()
        $connection.Server.Dispose()
        & $run | Select-Object -Last 1 | Should -Be '0 1' -Because 'nothing was checked'
    }
}
