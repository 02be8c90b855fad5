BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'StreamTest.psm1')
    Import-TestModule

    # Sends a line on a connection of its own: the line that comes back, null when none does.
    function Invoke-Server([string]$Line) {
        $client = Connect-TcpSocket 127.0.0.1 $job.Listener[0].LocalPort
        "$Line`n" | Send-SocketData $client
        ($client | Receive-SocketData -Line -Timeout 120).Text
        $client | Close-Socket
    }
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
        ($client | Receive-SocketData -Line -Timeout 120).Text | Should -Be hello
        $client | Receive-SocketData -Timeout 120 | Should -BeNullOrEmpty -Because 'the connection is closed when the block ends'
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
            $leftover = 'left over'
        }
        foreach ($round in 1, 2) {
            $client = Connect-TcpSocket 127.0.0.1 $job.Listener[0].LocalPort
            ($client | Receive-SocketData -Line -Timeout 120).Text | Should -Be 'one 2 using NetKeepAlive []'
            $client.Dispose()
        }
    }

    It 'says when a $using: variable is not there' {
        $listener = New-TcpSocketListener 0 127.0.0.1
        { $listener | Start-SocketServer { $using:noSuchVariable } } | Should -Throw '*noSuchVariable*'
        $listener.Dispose()
    }

    It 'takes the listener by pipeline, first by position, and as -InputObject' {
        $block = { param($socket) "hi`n" | Send-SocketData $socket }
        foreach ($start in { $listener | Start-SocketServer $block }, { Start-SocketServer $listener $block },
            { Start-SocketServer -InputObject $listener -ScriptBlock $block }) {
            $listener = New-TcpSocketListener 0 127.0.0.1
            $job = & $start
            Invoke-Server hello | Should -Be hi
            $job | Remove-Job -Force
        }
        $job = $null
    }

    It 'gives each connection a scope of its own, and puts back location, subscribers and jobs' {
        $job = New-TcpSocketListener 0 127.0.0.1 | Start-SocketServer -ThrottleLimit 1 {
            param($socket)
            $line = ($socket | Receive-SocketData -Line).Text
            $state = [ordered]@{
                Location   = "$pwd"
                Stack      = @(Get-Location -Stack).Count
                Variable   = "$mine"
                Function   = [bool](Get-Command Get-Mine -ErrorAction Ignore)
                Alias      = [bool](Get-Alias mine -ErrorAction Ignore)
                Drive      = [bool](Get-PSDrive mine -ErrorAction Ignore)
                Subscriber = @(Get-EventSubscriber).Count
                Event      = @(Get-Event).Count
                Job        = @(Get-Job).Count
                Preference = "$ErrorActionPreference $WarningPreference"
                Strict     = $(try { $noSuchVariable; 'off' } catch { 'on' })
                Runspace   = [runspace]::DefaultRunspace.Name
            }
            if ($line -eq 'leave') {
                Push-Location /
                Set-Location Variable:
                $mine = 'mine'
                function Get-Mine { }
                Set-Alias mine Get-Item
                $null = New-PSDrive mine FileSystem /
                $null = Register-EngineEvent noSuchEvent -Action { }
                $null = New-Event leftOver
                $null = Start-ThreadJob { Start-Sleep 100 }
                $ErrorActionPreference = 'Stop'
                $WarningPreference = 'Ignore'
                Set-StrictMode -Version Latest
            }
            ($state | ConvertTo-Json -Compress) + "`n" | Send-SocketData $socket
        }
        $before = Invoke-Server look
        Invoke-Server leave | Should -Be $before
        Invoke-Server look | Should -Be $before -Because 'nothing of the last connection is left'
        $job | Receive-Job | Should -BeNullOrEmpty
    }

    It 'removes the jobs of a connection and leaves those of another that is still served' {
        $job = New-TcpSocketListener 0 127.0.0.1 | Start-SocketServer {
            param($socket)
            $thread = Start-ThreadJob { Start-Sleep 100 }
            "ready`n" | Send-SocketData $socket
            $null = $socket | Receive-SocketData -Line
            "$((Get-Job $thread.Id).Id -eq $thread.Id)`n" | Send-SocketData $socket
        }
        $first, $second = foreach ($i in 1, 2) { Connect-TcpSocket 127.0.0.1 $job.Listener[0].LocalPort }
        foreach ($client in $first, $second) {
            ($client | Receive-SocketData -Line -Timeout 120).Text | Should -Be ready
        }
        foreach ($client in $first, $second) {
            "go`n" | Send-SocketData $client
            ($client | Receive-SocketData -Line -Timeout 120).Text | Should -Be True
            $client | Receive-SocketData -Timeout 120 | Should -BeNullOrEmpty
        }
        $first, $second | Close-Socket
    }

    It 'keeps global state in a runspace, and gives each connection a new one with -Isolated' {
        $block = {
            param($socket)
            $null = $socket | Receive-SocketData -Line
            "[$(Get-Variable left -Scope Global -ValueOnly -ErrorAction Ignore)]`n" | Send-SocketData $socket
            Set-Variable left 'left' -Scope Global
        }
        foreach ($isolated in $false, $true) {
            $job = New-TcpSocketListener 0 127.0.0.1 | Start-SocketServer $block -ThrottleLimit 1 -Isolated:$isolated
            Invoke-Server 1 | Should -Be '[]'
            Invoke-Server 2 | Should -Be $(if ($isolated) { '[]' } else { '[left]' })
            $job | Remove-Job -Force
        }
        $job = $null
    }

    It 'ends a block by <Name> and serves the next in the same runspace' -TestCases @(
        @{ Name = 'return'; Failure = '' }
        @{ Name = 'exit'; Failure = '' }
        @{ Name = 'break'; Failure = '' }
        @{ Name = 'continue'; Failure = '' }
        @{ Name = 'label'; Failure = '' }
        @{ Name = 'throw'; Failure = 'thrown' }
        @{ Name = 'stop'; Failure = 'stopped' }
        @{ Name = 'trap'; Failure = '' }
        @{ Name = 'type'; Failure = '*noSuchType*' }
        @{ Name = 'pipeline'; Failure = '' }
    ) {
        $job = New-TcpSocketListener 0 127.0.0.1 | Start-SocketServer -ThrottleLimit 1 {
            [CmdletBinding()]
            param($socket)
            end {
                $line = ($socket | Receive-SocketData -Line).Text
                "$([runspace]::DefaultRunspace.Name)`n" | Send-SocketData $socket
                if ($line -eq 'return') { return }
                if ($line -eq 'exit') { exit 3 }
                if ($line -eq 'break') { break }
                if ($line -eq 'continue') { continue }
                if ($line -eq 'label') { break noSuchLabel }
                if ($line -eq 'trap') { & { trap { continue } throw 'trapped' } }
                if ($line -eq 'pipeline') { 1..10 | Select-Object -First 1 | Out-Null; 'x' | ForEach-Object { return } }
                if ($line -eq 'throw') { throw 'thrown' }
                if ($line -eq 'stop') { Write-Error 'stopped' -ErrorAction Stop }
                if ($line -eq 'type') { [noSuchType]::new() }
            }
        }
        $runspace = Invoke-Server none
        Invoke-Server $Name | Should -Be $runspace
        Invoke-Server none | Should -Be $runspace
        Wait-Until { $job.ServedCount -eq 3 }
        $null = $job | Receive-Job -ErrorVariable failures -ErrorAction SilentlyContinue
        "$failures" | Should -BeLike $Failure
        $job.State | Should -Be Running
    }

    It 'has errors with the place where they happened, and endpoints as text' {
        $job = New-TcpSocketListener 0 127.0.0.1 | Start-SocketServer {
            param($socket)
            $null = $socket | Receive-SocketData -Line
            Write-Error 'written' -TargetObject $socket
            $socket | Get-SocketOption NoSuchOption
            throw [System.InvalidOperationException]::new('thrown')
        }
        $client = Connect-TcpSocket 127.0.0.1 $job.Listener[0].LocalPort
        $endpoint = "127.0.0.1:$($job.Listener[0].LocalPort) -> 127.0.0.1:$($client.LocalPort)"
        "go`n" | Send-SocketData $client
        Wait-Until { $job.ServedCount -eq 1 }
        $null = $job | Receive-Job -ErrorVariable failures -ErrorAction SilentlyContinue
        $failures.Count | Should -Be 3
        $failures[0].TargetObject | Should -BeExactly $endpoint
        foreach ($failure in $failures) {
            $failure.TargetObject | Should -Not -BeOfType NetKeepAlive.NetSocket
            $failure.InvocationInfo.BoundParameters.Values | Should -Not -BeOfType NetKeepAlive.NetSocket
        }
        $failures[0].FullyQualifiedErrorId | Should -Be 'Microsoft.PowerShell.Commands.WriteErrorException'
        $failures[1].InvocationInfo.MyCommand.Name | Should -Be Get-SocketOption
        $failures[2].Exception | Should -BeOfType System.InvalidOperationException
        $failures[2].InvocationInfo.Line | Should -BeLike "*InvalidOperationException]::new('thrown')*"
        $failures[2].InvocationInfo.ScriptName | Should -Be $PSCommandPath
        $client | Close-Socket
    }

    It 'keeps the newest 10,000 outputs and 1,000 errors that nobody receives, and counts the others' {
        $job = New-TcpSocketListener 0 127.0.0.1 | Start-SocketServer {
            param($socket)
            $null = $socket | Receive-SocketData -Line
            1..10010
            foreach ($i in 1..1005) { Write-Error "$i" }
        }
        $null = Invoke-Server go
        Wait-Until { $job.ServedCount -eq 1 } -Seconds 60
        $job.DroppedCount | Should -Be 15
        $output = $job | Receive-Job -ErrorVariable failures -ErrorAction SilentlyContinue
        $output.Count | Should -Be 10000
        $output[0] | Should -Be 11
        $failures.Count | Should -Be 1000
        "$($failures[0])" | Should -Be 6
        "$($failures[-1])" | Should -Be 1005
    }

    It 'lists the connections that are served' {
        $job = New-TcpSocketListener 0 127.0.0.1 | Start-SocketServer { param($socket) $socket | Receive-SocketData }
        $job.Connection | Should -BeNullOrEmpty
        $client = Connect-TcpSocket 127.0.0.1 $job.Listener[0].LocalPort
        Wait-Until { $job.Connection }
        $job.Connection.Count | Should -Be 1
        $job.Connection[0].RemotePort | Should -Be $client.LocalPort
        $second = Connect-TcpSocket 127.0.0.1 $job.Listener[0].LocalPort
        Wait-Until { $job.ConnectionCount -eq 2 }
        $served = $job.Connection
        $served[0, 1].RemotePort | Sort-Object | Should -Be @($client.LocalPort, $second.LocalPort | Sort-Object)
        $served[-1] | Should -Be $served[1]
        $client, $second | Close-Socket
        Wait-Until { -not $job.Connection }
    }

    It 'stops the block of a silent connection with -IdleTimeout, and serves those that wait' {
        $job = New-TcpSocketListener 0 127.0.0.1 | Start-SocketServer -ThrottleLimit 1 -IdleTimeout 5 {
            param($socket)
            try {
                while ($line = $socket | Receive-SocketData -Line) { "$line`n" | Send-SocketData $socket }
            } finally {
                'finally'
            }
        }
        $silent = Connect-TcpSocket 127.0.0.1 $job.Listener[0].LocalPort
        Wait-Until { $job.ConnectionCount -eq 1 }
        $talker = Connect-TcpSocket 127.0.0.1 $job.Listener[0].LocalPort
        "1`n" | Send-SocketData $talker
        ($talker | Receive-SocketData -Line -Timeout 120).Text | Should -Be 1
        $silent | Receive-SocketData -Timeout 120 | Should -BeNullOrEmpty -Because 'it is closed'
        # What talks stays, for longer than the limit.
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        while ($clock.Elapsed.TotalSeconds -lt 6) {
            "2`n" | Send-SocketData $talker
            ($talker | Receive-SocketData -Line -Timeout 120).Text | Should -Be 2
        }
        $talker | Close-Socket
        Wait-Until { $job.ServedCount -eq 2 }
        $output = $job | Receive-Job -ErrorVariable failures -ErrorAction SilentlyContinue
        $output | Should -Be 'finally', 'finally'
        $failures.Count | Should -Be 1
        $failures[0].FullyQualifiedErrorId | Should -BeLike 'IdleTimeout*'
        $failures[0].CategoryInfo.Category | Should -Be OperationTimeout
        $failures[0].TargetObject | Should -BeLike "*-> 127.0.0.1:*"
        $silent | Close-Socket
    }

    It 'closes a TLS connection whose stream the block has disposed' {
        $certificate = New-TestCertificate
        $job = New-TcpSocketListener 0 127.0.0.1 | Start-SocketServer {
            param($socket)
            $stream = ($socket | Protect-Socket -AsServer -Certificate $using:certificate -Timeout 20).GetStream()
            $reader = [System.IO.StreamReader]::new($stream)
            $writer = [System.IO.StreamWriter]::new($stream)
            $writer.AutoFlush = $true
            $writer.Write("$($reader.ReadLine())`n")
            $reader.Dispose()
            $writer.Dispose()
            "$($socket.State), $($socket.BytesReceived) received, $($socket.BytesSent) sent"
        }
        foreach ($word in 'one', 'two', 'six') {
            $client = Connect-TcpSocket 127.0.0.1 $job.Listener[0].LocalPort | Protect-Socket -SkipCertificateCheck -Timeout 20
            "$word`n" | Send-SocketData $client
            ($client | Receive-SocketData -Line -ToEnd -Timeout 20 -WarningVariable warning).Text | Should -Be $word
            $warning | Should -BeNullOrEmpty
            $client | Close-Socket
        }
        Wait-Until { $job.ServedCount -eq 3 -and $job.Listener[0].ConnectionCount -eq 0 }
        $job | Receive-Job -ErrorVariable failures -ErrorAction SilentlyContinue |
            Should -Be (@('Closed, 4 received, 4 sent') * 3)
        $failures | Should -BeNullOrEmpty
    }

    It 'counts as traffic what a block reads and writes by the stream of its socket' {
        $job = New-TcpSocketListener 0 127.0.0.1 | Start-SocketServer -IdleTimeout 5 {
            param($socket)
            $reader = [System.IO.StreamReader]::new($socket.GetStream())
            $writer = [System.IO.StreamWriter]::new($socket.GetStream())
            $writer.AutoFlush = $true
            while ($line = $reader.ReadLine()) { $writer.Write("$line`n") }
            "$($socket.BytesReceived) received, $($socket.BytesSent) sent"
        }
        $client = Connect-TcpSocket 127.0.0.1 $job.Listener[0].LocalPort
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        $bytes = 0
        while ($clock.Elapsed.TotalSeconds -lt 7) {
            "x`n" | Send-SocketData $client
            ($client | Receive-SocketData -Line -Timeout 20).Text | Should -Be x
            $bytes += 2
            Start-Sleep -Milliseconds 100
        }
        $client | Disconnect-Socket
        Wait-Until { $job.ServedCount -eq 1 }
        $job | Receive-Job -ErrorVariable failures -ErrorAction SilentlyContinue | Should -Be "$bytes received, $bytes sent"
        $failures | Should -BeNullOrEmpty
    }

    It 'does not take for silent who waits for a place' {
        $job = New-TcpSocketListener 0 127.0.0.1 | Start-SocketServer -ThrottleLimit 1 -IdleTimeout 5 {
            param($socket)
            while ($line = $socket | Receive-SocketData -Line) { "$line`n" | Send-SocketData $socket }
        }
        # The first run of a block is its slowest.
        Invoke-Server 0 | Should -Be 0
        $talker = Connect-TcpSocket 127.0.0.1 $job.Listener[0].LocalPort
        $waiter = Connect-TcpSocket 127.0.0.1 $job.Listener[0].LocalPort
        "2`n" | Send-SocketData $waiter
        # Who talks keeps the only place for longer than the limit.
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        while ($clock.Elapsed.TotalSeconds -lt 6) {
            "1`n" | Send-SocketData $talker
            ($talker | Receive-SocketData -Line -Timeout 120).Text | Should -Be 1
        }
        $talker | Close-Socket
        ($waiter | Receive-SocketData -Line -Timeout 120).Text | Should -Be 2
        $waiter | Close-Socket
        $job | Receive-Job -ErrorVariable failures -ErrorAction SilentlyContinue
        $failures | Should -BeNullOrEmpty
    }

    It 'gives up a silent block that nothing can stop, and serves the next' {
        $job = New-TcpSocketListener 0 127.0.0.1 | Start-SocketServer -ThrottleLimit 1 -IdleTimeout 5 {
            param($socket)
            $line = ($socket | Receive-SocketData -Line).Text
            if ($line -eq 'hang') { [System.Threading.Thread]::Sleep(60000) }
            "$line`n" | Send-SocketData $socket
        }
        Invoke-Server hang | Should -BeNullOrEmpty
        Invoke-Server next | Should -Be next
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        Stop-Job $job
        $clock.Elapsed.TotalSeconds | Should -BeLessThan 20 -Because 'the block sleeps for a minute'
        $job.State | Should -Be Stopped
    }

    It 'can be disposed twice, stopped after it and removed' {
        $job = New-TcpSocketListener 0 127.0.0.1 | Start-SocketServer { }
        $job.Dispose()
        $job.Dispose()
        $job.StopJob()
        $job.State | Should -Be Stopped
        $job.HasMoreData | Should -BeFalse
        { $job | Remove-Job -ErrorAction Stop } | Should -Not -Throw
        Get-Job -Id $job.Id -ErrorAction Ignore | Should -BeNullOrEmpty
        $job = $null
    }

    It 'stops in the middle of connections that come and go' {
        foreach ($round in 1..5) {
            $job = New-TcpSocketListener 0 127.0.0.1 | Start-SocketServer {
                param($socket)
                $socket | Receive-SocketData | Send-SocketData
            }
            $load = Start-ThreadJob -ArgumentList (Get-TestManifest), $job.Listener[0].LocalPort {
                Import-Module $args[0]
                while ($true) {
                    try {
                        $client = Connect-TcpSocket 127.0.0.1 $args[1] -ErrorAction Stop
                    } catch {
                        return 'refused'
                    }
                    'x' | Send-SocketData $client -ErrorAction Ignore
                    $null = $client | Receive-SocketData -Timeout 20 -ErrorAction Ignore
                    $client | Close-Socket -Reset -ErrorAction Ignore
                }
            }
            Wait-Until { $job.ServedCount -gt 20 * $round } -Seconds 60
            $job | Remove-Job -Force
            $job.State | Should -Be Stopped
            $job.ConnectionCount | Should -Be 0
            $load | Wait-Job -Timeout 60 | Receive-Job | Should -Be refused
            $load | Remove-Job -Force
        }
        $job = $null
    }

    It 'keeps no data of a peer in its errors' {
        $job = New-TcpSocketListener 0 127.0.0.1 | Start-SocketServer {
            param($socket)
            $line = ($socket | Receive-SocketData -Line).Text
            $socket.Dispose()
            Send-SocketData $socket $line
            Send-SocketData $socket ([System.Text.Encoding]::ASCII.GetBytes($line))
        }
        $null = Invoke-Server ('x' * 1000000)
        Wait-Until { $job.Error.Count -eq 2 }
        $job.Error[0].TargetObject.Length | Should -BeLessThan 1000
        $job.Error[1].TargetObject | Should -Be '1000000 bytes'
    }

    It 'outlives 2,000 hostile clients: resets, silence and half a request' {
        $job = New-TcpSocketListener 0 127.0.0.1 | Start-SocketServer -IdleTimeout 5 {
            param($socket)
            $line = ($socket | Receive-SocketData -Line -MaximumLength 100).Text
            "$line`n" * 1000 | Send-SocketData $socket
        }
        $port = $job.Listener[0].LocalPort
        foreach ($i in 1..2000) {
            $client = [System.Net.Sockets.Socket]::new('InterNetwork', 'Stream', 'Tcp')
            $client.Connect('127.0.0.1', $port)
            if ($i % 3) {
                $null = $client.Send([byte[]](65..70 + 10))
            }
            $client.LingerState = [System.Net.Sockets.LingerOption]::new($i % 2, 0)
            $client.Dispose()
        }
        Invoke-Server good | Should -Be good
        Wait-Until { $job.ConnectionCount -eq 0 } -Seconds 60
        $job.State | Should -Be Running
        $job.Error.Count | Should -BeLessOrEqual 1000
    }

    It 'serves 2,000 concurrent clients, each its own data back' {
        $job = New-TcpSocketListener 0 127.0.0.1 -Backlog 4096 -AllowHalfOpen | Start-SocketServer {
            param($socket)
            $socket | Receive-SocketData -ToEnd | Send-SocketData
        }
        # All are connected before the first is served.
        $clients = foreach ($i in 1..2000) {
            $client = [System.Net.Sockets.TcpClient]::new('127.0.0.1', $job.Listener[0].LocalPort)
            $null = $client.Client.Send([System.Text.Encoding]::ASCII.GetBytes("$i " + 'x' * $i))
            $client
        }
        # A client that has shut down its side gives no stream any more.
        $readers = $clients | ForEach-Object { [System.IO.StreamReader]::new($_.GetStream()) }
        $clients | ForEach-Object { $_.Client.Shutdown('Send') }
        $wrong = foreach ($i in 1..2000) {
            $clients[$i - 1].ReceiveTimeout = 60000
            if ($readers[$i - 1].ReadToEnd() -cne ("$i " + 'x' * $i)) {
                $i
            }
            $clients[$i - 1].Dispose()
        }
        $wrong | Should -BeNullOrEmpty
        $job | Receive-Job -ErrorVariable failures -ErrorAction SilentlyContinue
        $failures | Should -BeNullOrEmpty
        Wait-Until { $job.ServedCount -eq 2000 }
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
        $clients[0] | Receive-SocketData -Timeout 120 | Should -BeNullOrEmpty
        ($clients[1] | Receive-SocketData -Timeout 120).Text | Should -Be 'after error'
        foreach ($i in 1..5) {
            $client = Connect-TcpSocket 127.0.0.1 $port
            "good`n" | Send-SocketData $client
            ($client | Receive-SocketData -Line -Timeout 120).Text | Should -Be 'fine'
            $client.Dispose()
        }
        Wait-Until { $job.ConnectionCount -eq 2 } 'all but the two that hang'
        $null = $job | Receive-Job -ErrorVariable failures -ErrorAction SilentlyContinue
        ($failures | ForEach-Object { "$_" }) | Should -Contain 'thrown'
        ($failures | ForEach-Object { "$_" }) | Should -Contain 'written'

        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        Stop-Job $job
        $clock.Elapsed.TotalSeconds | Should -BeLessThan 20 -Because 'the blocks would never end'
        $job.State | Should -Be Stopped
        $clients[2] | Receive-SocketData -Timeout 120 -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
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
            $clients | ForEach-Object { ($_ | Receive-SocketData -Line -Timeout 120).Text | Should -Be hello }
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
        $job | Wait-Job -Timeout 120 | Should -Be $job
        $job.State | Should -Be Completed
        $job | Receive-Job | Should -Be last
        $client.Dispose()
    }

    It 'rests while its listener is suspended' {
        $job = New-TcpSocketListener 0 127.0.0.1 | Start-SocketServer { param($socket) "hi`n" | Send-SocketData $socket }
        $job.Listener | Suspend-Socket
        $client = Connect-TcpSocket 127.0.0.1 $job.Listener[0].LocalPort
        $second = Connect-TcpSocket 127.0.0.1 $job.Listener[0].LocalPort
        $client, $second | Receive-SocketData -Timeout 0.3 -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $job.ConnectionCount | Should -Be 0 -Because 'none is admitted'
        $job.Listener | Resume-Socket
        ($second | Receive-SocketData -Line -Timeout 120).Text | Should -Be hi
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
        'through socat' | socat -t 60 - "UNIX-CONNECT:$path" | Should -Be 'through socat'
        Stop-Job $job
        Test-Path $path | Should -BeFalse
    }

    It 'lets pwsh end while it runs' {
        $process = Start-TestPwsh '-NoProfile', '-NonInteractive', '-Command', "Import-Module '$(Get-TestManifest)'; `$null = New-TcpSocketListener 0 127.0.0.1 | Start-SocketServer { Start-Sleep 100 }; 'end'"
        try {
            $process.WaitForExit(180000) | Should -BeTrue
        } finally {
            Stop-TestProcess $process
        }
    }
}
