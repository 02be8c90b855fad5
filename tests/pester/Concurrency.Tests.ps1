# Eight runspaces with one socket, which is closed under their hands.
BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-Module (Join-Path $PSScriptRoot 'SocketTest.psm1')
    Import-TestModule
}

Describe 'Eight runspaces with one socket' {
    It 'get expected errors and no others when it is closed at random, and nothing is left' -ForEach @(
        @{ Kind = 'Seqpacket' }
        @{ Kind = 'Datagram' }
        @{ Kind = 'Stream' }
    ) {
        $random = [random]::new(3)
        $sockets = { @(Get-ChildItem /proc/self/fd | Where-Object Target -Like 'socket:*').Count }
        $before = $IsLinux ? (& $sockets) : 0
        $pairs = @(foreach ($i in 1..8) { , @(New-UnixSocketPair $Kind) })
        $work = {
            param($pairs, $role)
            foreach ($pair in $pairs) {
                $mine = $pair[$role % 2]
                while (-not $mine.IsClosed) {
                    switch ($role) {
                        { $_ -in 0, 1 } { 'message' | Send-SocketData $mine -Timeout 5 }
                        { $_ -in 2, 3 } { $null = Receive-SocketData $mine -Timeout 5 }
                        4 { $null = Get-SocketOption SendBufferSize -InputObject $mine }
                        5 { $null = "$mine $($mine.State) $($mine.PeerCredential)" }
                        6 { $mine | Suspend-Socket; $mine | Resume-Socket }
                        7 { $null = Receive-SocketData $mine -Count 5 -MaximumLength 3 -Timeout 0.001 }
                    }
                }
            }
        }
        $pipelines = foreach ($role in 0..7) { Start-TestPipeline $work $pairs, $role }
        foreach ($pair in $pairs) {
            Start-Sleep -Milliseconds $random.Next(5, 40)
            Close-Socket $pair
            Close-Socket $pair
            $pair.ForEach('Dispose')
        }
        $ids = foreach ($pipeline in $pipelines) {
            (Wait-TestPipeline $pipeline 60).Errors | ForEach-Object { ($_.FullyQualifiedErrorId -split ',')[0] }
        }
        $ids | Sort-Object -Unique | Where-Object { $_ -notin 'EBADF', 'EPIPE', 'ECONNRESET', 'ECONNREFUSED', 'ENOTCONN', 'Timeout' } | Should -BeNullOrEmpty
        $ids | Should -Contain EBADF
        if ($IsLinux) {
            # Streams are closed in order, which goes on for a while.
            Wait-Until { (& $sockets) -le $before } 'every socket to be closed'
        }
    }
}

Describe 'A listener that is closed under a server' {
    It 'ends the job in order, with the connections served to their end' {
        $listener = New-TcpSocketListener -Address 127.0.0.1
        $job = $listener | Start-SocketServer { param($socket) $socket | Receive-SocketData -ToEnd | Send-SocketData }
        $clients = 1..4 | ForEach-Object { Connect-TcpSocket 127.0.0.1 $listener.LocalPort }
        $clients | ForEach-Object { 'served' | Send-SocketData $_ }
        Wait-Until { $job.ConnectionCount -eq 4 } 'four connections'
        Close-Socket $listener
        Close-Socket $listener
        foreach ($client in $clients) {
            Disconnect-Socket $client
            -join ($client | Receive-SocketData -ToEnd -Timeout 20).Text | Should -Be served
        }
        $null = Wait-Job $job -Timeout 20
        $job.State | Should -Be Completed
        $job.ServedCount | Should -Be 4
        $job | Receive-Job -ErrorVariable failures
        $failures | Should -BeNullOrEmpty
        Remove-Job $job
        Close-Socket $clients
    }
}
