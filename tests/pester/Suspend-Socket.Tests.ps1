BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-Module (Join-Path $PSScriptRoot 'SocketTest.psm1')
    Import-TestModule
}

Describe 'Suspend-Socket and Resume-Socket' {
    BeforeEach {
        $got = [System.Collections.Concurrent.ConcurrentQueue[object]]::new()
        $a, $b = New-UnixSocketPair
        $job = $null
    }
    AfterEach {
        if ($job) {
            $job | Stop-Job -PassThru | Remove-Job
        }
        Get-EventSubscriber | Unregister-Event
        Close-Socket $a, $b
    }

    It 'stops the events of a socket until Resume-Socket; nothing is lost' {
        $job = Register-ObjectEvent $b DataReceived -MessageData $got -Action { $Event.MessageData.Enqueue($EventArgs.Text) }
        'before' | Send-SocketData $a
        Wait-Until { $got.Count -eq 1 } 'the first'
        Suspend-Socket $b
        $b.IsSuspended | Should -BeTrue
        'during' | Send-SocketData $a
        Start-Sleep -Milliseconds 200
        $got.Count | Should -Be 1
        Resume-Socket $b
        Wait-Until { $got.Count -eq 2 } 'the second'
        @($got) | Should -Be before, during
    }

    It 'stops for a -Duration' {
        $job = Register-ObjectEvent $b DataReceived -MessageData $got -Action { $Event.MessageData.Enqueue($EventArgs.Text) }
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        Suspend-Socket $b -Duration 0.3
        'later' | Send-SocketData $a
        Wait-Until { $got.Count -eq 1 } 'the message'
        $clock.Elapsed.TotalSeconds | Should -BeGreaterOrEqual 0.29
    }

    It 'stops a listener from accepting, also one that is waited for' {
        $path = Join-Path (New-TestFolder) s
        $listener = New-SeqpacketListener $path
        $waiting = Start-TestPipeline { param($l) $l | Receive-SocketConnection -Timeout 20 } $listener
        Start-Sleep -Milliseconds 200
        $listener | Suspend-Socket
        $client = Connect-SeqpacketSocket $path
        Start-Sleep -Milliseconds 200
        $waiting.Handle.IsCompleted | Should -BeFalse
        $listener | Resume-Socket
        $result = Wait-TestPipeline $waiting
        $result.Output.Count | Should -Be 1
        Close-Socket $listener, $client, $result.Output[0]
        Remove-Item (Split-Path $path) -Recurse
    }

    It 'refuses what has no events of the module' {
        $connection = New-TestConnection
        $connection.Client, $null | Suspend-Socket -ErrorAction SilentlyContinue -ErrorVariable failures
        $failures.FullyQualifiedErrorId | Should -BeLike 'NotASocket,*'
        $connection.Client, $null | Resume-Socket -ErrorAction SilentlyContinue -ErrorVariable failures
        $failures.Count | Should -Be 2
        Close-Socket $connection.Client, $connection.Server
    }
}
