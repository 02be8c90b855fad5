# The scripts in examples/ that are about streams and servers.
BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'StreamTest.psm1')
    Import-TestModule
    $examples = Join-Path $PSScriptRoot '../../examples'
    $manifest = Get-TestManifest

    # Runs an example in a pwsh of its own, with the module under test.
    function Start-Example([string]$Command) {
        Start-TestPwsh @('-NoProfile', '-NonInteractive', '-Command', "Import-Module '$(Get-TestManifest)'; $Command")
    }
}

Describe 'EchoServer.ps1 and EchoClient.ps1' {
    It 'echo <What>, also for programs of others' -ForEach @(
        @{ What = 'in the clear'; Switch = ''; Tls = $false }
        @{ What = 'with TLS'; Switch = '-Tls'; Tls = $true }
    ) {
        $server = Start-Example "& '$examples/EchoServer.ps1' -Port 0 -Timeout 60 $Switch"
        try {
            $port = (Wait-TestOutput $server.StandardOutput 'Listening on .*:(\d+)' 180)[1]
            & "$examples/EchoClient.ps1" -Port $port -Text 'hello', "w`u{F6}rld" -Tls:$Tls | Should -Be 'hello', "w`u{F6}rld"
            if ($Tls -and -not (Get-MissingTool openssl)) {
                $client = Start-TestProcess openssl 's_client', '-connect', "127.0.0.1:$port", '-quiet'
                $client.StandardInput.WriteLine('openssl')
                $client.StandardInput.Flush()
                $null = Wait-TestOutput $client.StandardOutput '^openssl' 60
                Stop-TestProcess $client
            }
            if (-not $Tls -and -not (Get-MissingTool ncat)) {
                'ncat' | ncat 127.0.0.1 $port | Should -Be 'ncat'
            }
        } finally {
            Stop-TestProcess $server
        }
    }
}

Describe 'Show-DeadPeer.ps1 and its twin in C#' {
    It 'predict and measure: <_>' -ForEach 'Show-DeadPeer.ps1', 'DeadPeer/demo.sh' {
        Skip-WithoutNamespace
        $output = if ($_ -like '*.sh') { sh "$examples/$_" } else { Invoke-TestPwsh -NoProfile -NonInteractive -File "$examples/$_" }
        $LASTEXITCODE | Should -Be 0 -Because ($output -join "`n")
        $output[-1] | Should -Match '^Predicted 4[.,]00 s, measured \d'
        @($output -match 'probe \d of 3 is on its way').Count | Should -BeGreaterThan 0
    }
}

Describe 'Get-PwshCommand.ps1' {
    It 'starts this very pwsh, also <How>' -ForEach @(
        @{ How = 'as dotnet runs it'; Program = { 'dotnet', "$PSHOME/pwsh.dll" } }
        @{ How = 'as a program of its own'; Program = { "$PSHOME/pwsh" } }
    ) {
        $command = @(& $Program)
        # The apphost of a .NET tool may be a program for the user alone who installed it.
        $found = Get-Command $command[0] -CommandType Application -ErrorAction Ignore | Select-Object -First 1
        env test -x "$($found.Source)"
        if ($LASTEXITCODE -ne 0 -or -not (Test-Path $command[-1])) {
            Set-ItResult -Skipped -Because 'this pwsh cannot be started so, or not by this user'
        }
        $question = "`"`$PSHOME `$(env @(& '$examples/Get-PwshCommand.ps1') -NoProfile -Command '`$PSHOME')`""
        env @command -NoProfile -NonInteractive -Command $question | Should -Be "$PSHOME $PSHOME"
    }
}

Describe 'LineProtocol.Tests.ps1' {
    It 'passes for a Redis' {
        Skip-WithoutTool redis-server
        $port = Get-FreePort
        $redis = Start-TestProcess redis-server '--port', $port, '--bind', '127.0.0.1', '--save', '', '--dir', $TestDrive
        try {
            Wait-Until {
                $socket = Connect-TcpSocket 127.0.0.1 $port -ErrorAction Ignore
                ${socket}?.Dispose()
                $socket
            } 'redis-server'
            $check = {
                $run = Start-Example "Import-Module '$((Get-Module Pester).Path)'; `$env:REDIS_PORT = '$port'; `$run = Invoke-Pester '$examples/LineProtocol.Tests.ps1' -PassThru -Output None; `"`$(`$run.PassedCount) `$(`$run.FailedCount)`""
                $run.StandardOutput.ReadToEnd().Trim() -split "`n" | Select-Object -Last 1
                Stop-TestProcess $run
            }
            & $check | Should -Be '4 0'
        } finally {
            Stop-TestProcess $redis
        }
    }
}

Describe 'Start-ReuseportWorker.ps1' {
    It 'answers from several processes on one port' {
        if (-not $IsLinux) {
            Set-ItResult -Skipped -Because 'connections are spread on Linux only'
        }
        $server = Start-Example "& '$examples/Start-ReuseportWorker.ps1' -Port 0 -Count 2 -Timeout 60"
        try {
            $found = Wait-TestOutput $server.StandardOutput 'on port (\d+): (\d+), (\d+)' 180
            $answers = foreach ($i in 1..40) {
                $socket = Connect-TcpSocket 127.0.0.1 $found[1]
                "GET / HTTP/1.0`r`n`r`n" | Send-SocketData $socket
                ($socket | Receive-SocketData -Line -ToEnd -Timeout 60).Text | Select-Object -Last 1
                $socket.Dispose()
            }
            $answers | Sort-Object -Unique | Should -Be ("process $($found[2])", "process $($found[3])" | Sort-Object)
        } finally {
            Stop-TestProcess $server
        }
    }
}

Describe 'Restart-WithoutDowntime.ps1' {
    It 'lets a new version take over without a connection refused or lost' {
        $meeting = Join-Path $TestDrive 'handover.sock'
        $first = Start-Example "& '$examples/Restart-WithoutDowntime.ps1' -Port 0 -Version 1 -Handover '$meeting'"
        $second = $null
        try {
            $port = (Wait-TestOutput $first.StandardOutput 'Version 1 serves .*:(\d+)' 180)[1]
            # Somebody who asks all the time, through the whole change.
            $asking = Start-ThreadJob {
                Import-Module $using:manifest
                while ($true) {
                    $socket = Connect-TcpSocket 127.0.0.1 $using:port -Timeout 20 -AllowHalfOpen -ErrorAction Stop
                    "GET / HTTP/1.0`r`n`r`n" | Send-SocketData $socket -ErrorAction Stop
                    ($socket | Receive-SocketData -Line -ToEnd -Timeout 20 -ErrorAction Stop).Text | Select-Object -Last 1
                    $socket.Dispose()
                }
            }
            $answers = [System.Collections.Generic.List[string]]::new()
            $collect = { $asking | Receive-Job -ErrorAction Stop | ForEach-Object { $answers.Add($_) } }
            Wait-Until { . $collect; $answers.Contains('version 1') } 'an answer of version 1'
            $second = Start-Example "& '$examples/Restart-WithoutDowntime.ps1' -Port $port -Version 2 -Handover '$meeting'"
            $null = Wait-TestOutput $second.StandardOutput 'Version 2 serves' 180
            $first.WaitForExit(120000) | Should -BeTrue -Because 'the first version has handed its listener over'
            Wait-Until { . $collect; $answers.Contains('version 2') } 'an answer of version 2'
            # The last answers of both versions may have crossed.
            . $collect
            $count = $answers.Count
            Wait-Until { . $collect; $answers.Count -ge $count + 2 } 'answers of the second version alone'
            $asking.State | Should -Be Running -Because 'an error would have ended it'
            $answers | Where-Object { $_ -notin 'version 1', 'version 2' } | Should -BeNullOrEmpty
            $answers[-1] | Should -Be 'version 2'
        } finally {
            if ($asking) {
                $asking | Remove-Job -Force
            }
            Stop-TestProcess $first
            Stop-TestProcess $second
        }
    }
}
