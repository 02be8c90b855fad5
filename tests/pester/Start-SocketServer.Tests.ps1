BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'StreamTest.psm1')
    Import-TestModule
}

Describe 'Start-SocketServer' {
    AfterEach {
        if ($job) {
            $job | Remove-Job -Force
        }
        $job = $null
    }

    It 'is a job: Get-Job, Receive-Job, Stop-Job, Wait-Job and Remove-Job work' {
        $job = New-TcpSocketListener 0 127.0.0.1 | Start-SocketServer -Name echo {
            param($socket)
            $socket | Receive-SocketData -Line | ForEach-Object { "got $_"; "$_`n" | Send-SocketData $socket }
            Write-Warning 'careful'
        }
        $job | Should -BeOfType System.Management.Automation.Job
        Get-Job echo | Should -Be $job
        $job.State | Should -Be Running
        $job.PSJobTypeName | Should -Be SocketServerJob
        $job.Location | Should -Be "127.0.0.1:$($job.Listener[0].LocalPort)"

        $client = Connect-TcpSocket 127.0.0.1 $job.Listener[0].LocalPort
        "hello`n" | Send-SocketData $client
        ($client | Receive-SocketData -Line -Timeout 20).Text | Should -Be hello
        $client | Receive-SocketData -Timeout 20 | Should -BeNullOrEmpty -Because 'the connection is closed when the block ends'
        Wait-Until { $job.ServedCount -eq 1 }
        $job.HasMoreData | Should -BeTrue
        $received = $job | Receive-Job 3>&1
        $received[0] | Should -Be 'got hello'
        $received[1].Message | Should -Be 'careful'
        $job.HasMoreData | Should -BeFalse

        Stop-Job $job
        $job.State | Should -Be Stopped
        $job | Wait-Job -Timeout 5 | Should -Be $job
        Remove-Job $job
        Get-Job echo -ErrorAction Ignore | Should -BeNullOrEmpty
        $job = $null
    }

    It 'takes -ArgumentList and $using:, each connection has a runspace with this module and nothing of the last one' {
        $prefix = @{ Text = 'using' }
        $job = New-TcpSocketListener 0 127.0.0.1 | Start-SocketServer -ThrottleLimit 1 -ArgumentList 'one', 2 {
            param($socket, $a, $b)
            "$a $b $($using:prefix.Text) $((Get-Module NetKeepAlive).Name) [$leftover]`n" | Send-SocketData $socket
            Set-Variable leftover -Scope Global -Value 'left over'
        }
        foreach ($round in 1, 2) {
            $client = Connect-TcpSocket 127.0.0.1 $job.Listener[0].LocalPort
            ($client | Receive-SocketData -Line -Timeout 20).Text | Should -Be 'one 2 using NetKeepAlive []'
            $client.Dispose()
        }
    }

    It 'says when a $using: variable is not there' {
        $listener = New-TcpSocketListener 0 127.0.0.1
        { $listener | Start-SocketServer { $using:noSuchVariable } } | Should -Throw '*noSuchVariable*'
        $listener.Dispose()
    }

    It 'serves 500 concurrent clients, each its own data back' {
        $job = New-TcpSocketListener 0 127.0.0.1 | Start-SocketServer {
            param($socket)
            $socket | Receive-SocketData -ToEnd | Send-SocketData
        }
        # All are connected before the first is served.
        $port = $job.Listener[0].LocalPort
        $clients = foreach ($i in 1..500) {
            $client = Connect-TcpSocket 127.0.0.1 $port -AllowHalfOpen
            ("$i " + 'x' * $i) | Send-SocketData $client
            $client
        }
        $clients | Disconnect-Socket
        foreach ($i in 1..500) {
            -join ($clients[$i - 1] | Receive-SocketData -ToEnd -Timeout 60).Text | Should -BeExactly ("$i " + 'x' * $i)
        }
        $clients | Close-Socket
        $job | Receive-Job -ErrorVariable failures -ErrorAction SilentlyContinue
        $failures | Should -BeNullOrEmpty
        Wait-Until { $job.ServedCount -eq 500 }
        @(Get-Runspace | Where-Object Name -Like "SocketServer$($job.Id)-*").Count | Should -BeLessOrEqual 16
    }

    It 'is not harmed by a block that throws, hangs, writes errors or exits' {
        $job = New-TcpSocketListener 0 127.0.0.1 | Start-SocketServer {
            param($socket)
            switch (($socket | Receive-SocketData -Line).Text) {
                'throw' { throw 'thrown' }
                'error' { Write-Error 'written'; 'after error' | Send-SocketData $socket }
                'hang' { Start-Sleep 3600 }
                'exit' { exit 3 }
                'spin' { while ($true) { } }
                'close' { $socket.Dispose() }
                default { "fine`n" | Send-SocketData $socket }
            }
        }
        $port = $job.Listener[0].LocalPort
        $clients = foreach ($word in 'throw', 'error', 'hang', 'exit', 'close', 'spin') {
            $client = Connect-TcpSocket 127.0.0.1 $port
            "$word`n" | Send-SocketData $client
            $client
        }
        $clients[0] | Receive-SocketData -Timeout 20 | Should -BeNullOrEmpty
        ($clients[1] | Receive-SocketData -Timeout 20).Text | Should -Be 'after error'
        foreach ($i in 1..5) {
            $client = Connect-TcpSocket 127.0.0.1 $port
            "good`n" | Send-SocketData $client
            ($client | Receive-SocketData -Line -Timeout 20).Text | Should -Be 'fine'
            $client.Dispose()
        }
        Wait-Until { $job.ConnectionCount -eq 2 } 'all but the two that hang'
        $null = $job | Receive-Job -ErrorVariable failures -ErrorAction SilentlyContinue
        ($failures | ForEach-Object { "$_" }) | Should -Contain 'thrown'
        ($failures | ForEach-Object { "$_" }) | Should -Contain 'written'

        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        Stop-Job $job
        $clock.Elapsed.TotalSeconds | Should -BeLessThan 3 -Because 'on an idle machine it takes a few hundredths of a second'
        $job.State | Should -Be Stopped
        $clients[2] | Receive-SocketData -Timeout 20 -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $clients | Close-Socket
    }

    It 'leaves no descriptor, runspace or thread when it is stopped in the middle of its work' {
        $script = {
            param($socket)
            "hello`n" | Send-SocketData $socket
            $socket | Receive-SocketData
        }
        # Once before, so that what the process itself keeps from then on is there.
        foreach ($round in 'warm', 'measured') {
            $before = Get-TestFootprint
            $job = New-ReuseportListener 0 127.0.0.1 -Count 2 | Start-SocketServer $script
            $clients = 1..8 | ForEach-Object { Connect-TcpSocket 127.0.0.1 $job.Listener[0].LocalPort }
            $clients | ForEach-Object { ($_ | Receive-SocketData -Line -Timeout 20).Text | Should -Be hello }
            $job.ConnectionCount | Should -Be 8
            $named = @(Get-ChildItem /proc/self/task | Where-Object { (Get-Content "$_/comm" -ErrorAction Ignore) -like 'Pipeline*' }).Count
            Stop-Job $job
            Remove-Job $job
            $job = $null
            $clients | Close-Socket
        }
        Wait-Until { (Get-TestFootprint).Sockets -le $before.Sockets } 'sockets'
        Wait-Until { (Get-TestFootprint).Runspaces -le $before.Runspaces } 'runspaces'
        Wait-Until { (Get-TestFootprint).Descriptors -le $before.Descriptors } 'descriptors'
        Wait-Until {
            $now = @(Get-ChildItem /proc/self/task | Where-Object { (Get-Content "$_/comm" -ErrorAction Ignore) -like 'Pipeline*' }).Count
            $now -le $named - 8 -or $named -lt 8
        } 'threads'
    }

    It 'completes when its listener is closed, after the last connection' {
        $listener = New-TcpSocketListener 0 127.0.0.1
        $job = $listener | Start-SocketServer { param($socket) ($socket | Receive-SocketData -Line).Text }
        $client = Connect-TcpSocket 127.0.0.1 $listener.LocalPort
        Wait-Until { $job.ConnectionCount -eq 1 }
        $listener | Close-Socket
        $job.State | Should -Be Running
        "last`n" | Send-SocketData $client
        $job | Wait-Job -Timeout 20 | Should -Be $job
        $job.State | Should -Be Completed
        $job | Receive-Job | Should -Be last
        $client.Dispose()
    }

    It 'rests while its listener is suspended' {
        $job = New-TcpSocketListener 0 127.0.0.1 | Start-SocketServer { param($socket) "hi`n" | Send-SocketData $socket }
        $job.Listener | Suspend-Socket
        $client = Connect-TcpSocket 127.0.0.1 $job.Listener[0].LocalPort
        $second = Connect-TcpSocket 127.0.0.1 $job.Listener[0].LocalPort
        $second | Receive-SocketData -Timeout 0.3 -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $job.Listener | Resume-Socket
        ($second | Receive-SocketData -Line -Timeout 20).Text | Should -Be hi
        $client, $second | Close-Socket
    }

    It 'is a web server for curl' {
        Skip-WithoutTool curl
        $job = New-TcpSocketListener 0 127.0.0.1 | Start-SocketServer {
            param($socket)
            $request = ($socket | Receive-SocketData -Line).Text
            while (($socket | Receive-SocketData -Line).Text) { }
            $body = "you asked: $request"
            "HTTP/1.1 200 OK`r`nContent-Length: $($body.Length)`r`nConnection: close`r`n`r`n$body" | Send-SocketData $socket
        }
        foreach ($i in 1..3) {
            curl -sS "http://127.0.0.1:$($job.Listener[0].LocalPort)/path$i" | Should -Be "you asked: GET /path$i HTTP/1.1"
        }
    }

    It 'is a Redis for redis-cli' {
        Skip-WithoutTool redis-cli
        $job = New-TcpSocketListener 0 127.0.0.1 | Start-SocketServer {
            param($socket)
            while ($header = $socket | Receive-SocketData -Line) {
                # RESP: *2, then for each word $length and the word.
                [string[]]$words = foreach ($i in 1..[int]"$header".Substring(1)) {
                    $length = [int]($socket | Receive-SocketData -Line).Text.Substring(1)
                    ($socket | Receive-SocketData -ByteCount ($length + 2)).Text.Substring(0, $length)
                }
                switch ($words[0]) {
                    'PING' { "+PONG`r`n" | Send-SocketData $socket }
                    'ECHO' { "`$$([Text.Encoding]::UTF8.GetByteCount($words[1]))`r`n$($words[1])`r`n" | Send-SocketData $socket }
                    default { "-ERR unknown command`r`n" | Send-SocketData $socket }
                }
            }
        }
        $port = $job.Listener[0].LocalPort
        redis-cli -p $port ping | Should -Be PONG
        redis-cli -p $port echo 'hello redis' | Should -Be 'hello redis'
    }

    It 'serves ncat and socat over a Unix socket' {
        Skip-WithoutTool socat
        $path = Join-Path $TestDrive 'server.sock'
        $job = New-UnixSocketListener $path -AllowHalfOpen | Start-SocketServer {
            param($socket)
            $socket | Receive-SocketData -ToEnd | Send-SocketData
        }
        'through socat' | socat -t 5 - "UNIX-CONNECT:$path" | Should -Be 'through socat'
        Stop-Job $job
        Test-Path $path | Should -BeFalse
    }

    It 'lets pwsh end while it runs' {
        $process = Start-TestPwsh '-NoProfile', '-NonInteractive', '-Command', "Import-Module '$(Get-TestManifest)'; `$null = New-TcpSocketListener 0 127.0.0.1 | Start-SocketServer { Start-Sleep 100 }; 'end'"
        try {
            $process.WaitForExit(60000) | Should -BeTrue
        } finally {
            Stop-TestProcess $process
        }
    }
}
