BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-Module (Join-Path $PSScriptRoot 'SocketTest.psm1')
    Import-TestModule
}

Describe 'Wait-TcpConnection' -Skip:(-not $IsLinux) {
    BeforeEach {
        $connection = New-TestConnection
        $ports = @{ LocalPort = $connection.Client.LocalEndPoint.Port; RemotePort = $connection.Port }
    }
    AfterEach {
        $connection.Client.Dispose()
        $connection.Server.Dispose()
    }

    It 'emits what is there already, with its owner' {
        $row = Wait-TcpConnection @ports -Timeout 20
        $row.OwningProcess | Should -Be $PID
        Wait-TcpConnection @ports -Timeout 20 -Quiet | Should -BeTrue
    }

    It 'waits for as many as are wanted' {
        $listener = New-TcpSocketListener 0 127.0.0.1
        $waiting = Start-TestPipeline { param($port) Wait-TcpConnection -RemotePort $port -State Established -Count 3 -Timeout 30 } $listener.LocalPort
        $clients = foreach ($i in 1..3) {
            $waiting.Handle.IsCompleted | Should -BeFalse
            Connect-TcpSocket 127.0.0.1 $listener.LocalPort
            Start-Sleep -Milliseconds 100
        }
        $result = Wait-TestPipeline $waiting
        $result.Errors | Should -BeNullOrEmpty
        $result.Output.Count | Should -Be 3
        Close-Socket $clients
        Close-Socket $listener
    }

    It 'waits until the last is gone; one that lingers in TimeWait is' {
        $waiting = Start-TestPipeline { param($l, $r) Wait-TcpConnection -LocalPort $l -RemotePort $r -Gone -Timeout 30 } $ports.LocalPort, $ports.RemotePort
        Start-Sleep -Milliseconds 200
        $waiting.Handle.IsCompleted | Should -BeFalse
        # Who closes first keeps it in TimeWait.
        $connection.Client.Shutdown('Send')
        $null = $connection.Server.Receive([byte[]]::new(1))
        $connection.Server.Close()
        $null = $connection.Client.Receive([byte[]]::new(1))
        $connection.Client.Close()
        $result = Wait-TestPipeline $waiting
        $result.Errors | Should -BeNullOrEmpty
        $result.Output | Should -BeNullOrEmpty
        (Get-TcpConnection @ports).State | Should -Be TimeWait
        Wait-TcpConnection @ports -Gone -Quiet -Timeout 1 | Should -BeTrue
        Wait-TcpConnection @ports -State TimeWait -Timeout 1 -Quiet | Should -BeTrue
    }

    It 'says Timeout, or false' {
        Wait-TcpConnection @ports -Gone -Timeout 100ms -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'Timeout,*'
        $failure[0].Exception.Message | Should -BeLike '*1 connection is still there*'
        Wait-TcpConnection @ports -Count 2 -Timeout 100ms -Quiet | Should -BeFalse
    }

    It 'takes rows by pipeline, and ends at once on Ctrl+C' {
        Get-TcpConnection @ports | Wait-TcpConnection -Timeout 20 -Quiet | Should -BeTrue
        Measure-TestStop { param($l, $r) Wait-TcpConnection -LocalPort $l -RemotePort $r -Gone } $ports.LocalPort, $ports.RemotePort | Should -BeLessThan 200
    }

    It 'waits for a silent resolver no longer than -Timeout, and Ctrl+C ends that wait, of who lists and watches too' {
        Skip-WithoutNamespace
        Skip-WithoutTool iptables
        $result = Invoke-WithSilentResolver @'
$clock = [Diagnostics.Stopwatch]::StartNew()
Wait-TcpConnection -RemoteAddress silent.example -Timeout 0.5 -ErrorVariable failure -ErrorAction SilentlyContinue
"Wait took $($clock.Elapsed.TotalSeconds) id $($failure[0].FullyQualifiedErrorId) $($failure[0].Exception.Message)"
"Quiet $(Wait-TcpConnection -RemoteAddress silent.example -Gone -Timeout 0.5 -Quiet)"
foreach ($script in 'Get-TcpConnection -RemoteAddress silent.example', 'Get-TcpConnection silent.example', 'Wait-TcpConnection -LocalAddress silent.example -Timeout 80', 'Watch-TcpConnection -RemoteAddress silent.example', 'Get-UdpEndpoint -RemoteAddress silent.example') {
    $shell = [powershell]::Create().AddScript({ param($module, $script) Import-Module $module; & ([scriptblock]::Create($script)) }).AddArgument((Get-Module NetKeepAlive).Path).AddArgument($script)
    $running = $shell.BeginInvoke()
    Start-Sleep 1.5
    "waits $(-not $running.IsCompleted)"
    $clock.Restart()
    $shell.Stop()
    "$script stopped $($clock.Elapsed.TotalSeconds)"
}
'@
        $text = $result -join "`n"
        $text | Should -Match 'id Timeout,.* resolved'
        $text | Should -Match 'Quiet False'
        [regex]::Matches($text, 'waits True') | Should -HaveCount 5 -Because $text
        $times = [regex]::Matches($text, '(?:took|stopped) (\d+)')
        $times | Should -HaveCount 6 -Because $text
        foreach ($time in $times) {
            [int]$time.Groups[1].Value | Should -BeLessThan 20 -Because $text
        }
    }
}
