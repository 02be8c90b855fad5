# The cmdlets on the simulator of macOS: what that system offers works, and the rest says so.
BeforeDiscovery {
    # Each is a script, and what it is to put out.
    $works = @(
        @{
            Name = 'connects, sets keep-alive and reads it back'
            Script = {
                $listener, $client, $server = New-Connection -IdleTime 30 -Interval 5 -ProbeCount 3
                "$(Get-TcpKeepAlive $client)"
                Set-TcpKeepAlive $client -UserTimeout 40
                "$((Get-TcpKeepAlive $client).UserTimeout)"
                Set-TcpKeepAlive $client -Disable
                (Get-TcpKeepAlive $client).Enabled
                Get-TcpKeepAlive -SystemDefault | ForEach-Object { $_.IdleTime -gt [timespan]::Zero }
                Close-Socket $client, $server, $listener
            }
            Expected = '30 s + 3 x 5 s', '00:00:40', 'False', 'True'
        }
        @{
            Name = 'carries lines, bytes and the end over TCP'
            Script = {
                $listener, $client, $server = New-Connection
                "hello`nthere`n" | Send-SocketData $client
                ($server | Receive-SocketData -Line -Count 2).Text
                Send-SocketData $client -InputObject ([byte[]]::new(50000))
                ($server | Receive-SocketData -ByteCount 50000 -Timeout 20).Length
                Disconnect-Socket $client
                @($server | Receive-SocketData -ToEnd -Timeout 20).Count
                Close-Socket $client, $server, $listener
            }
            Expected = 'hello', 'there', '50000', '0'
        }
        @{
            Name = 'tests and describes a connection in hand'
            Script = {
                $listener, $client, $server = New-Connection
                'x' | Send-SocketData $client
                $info = Get-TcpInfo $client
                $info.State, $info.BytesSent, ("$info" -match ', ,|  ')
                (Test-TcpKeepAlive $client -IdleTime 1 -Interval 1 -ProbeCount 2).Alive
                Close-Socket $client, $server, $listener
            }
            Expected = 'Established', '1', 'False', 'True'
        }
        @{
            Name = 'lists, waits for and watches the system''s connections'
            Script = {
                $listener = New-TcpSocketListener 0 127.0.0.1
                $port = $listener.LocalPort
                "$((Get-TcpConnection -LocalPort $port).State)"
                (Get-TcpConnection -LocalPort $port -OwningProcess $PID).OwningProcessName -eq (Get-Process -Id $PID).Name
                # Nobody accepts them, so that they stay until they are reset.
                $traffic = Start-ThreadJob {
                    while ($true) {
                        $client = [System.Net.Sockets.TcpClient]::new('127.0.0.1', $using:port)
                        Start-Sleep -Milliseconds 300
                        $client.LingerState = [System.Net.Sockets.LingerOption]::new($true, 0)
                        $client.Dispose()
                        Start-Sleep -Milliseconds 100
                    }
                }
                # On a busy machine there are changes between, of the state and of the owner.
                $changes = Watch-TcpConnection -RemotePort $port -Interval 0.05 -Timeout 60 |
                    Where-Object Change -NE Changed | Select-Object -First 3
                "$('Opened' -in $changes.Change) $('Closed' -in $changes.Change)"
                Remove-Job $traffic -Force
                (Wait-TcpConnection -LocalPort $port -State Listen -Timeout 20).LocalPort -eq $port
                Close-Socket $listener
            }
            Expected = 'Listen', 'True', 'True True', 'True'
        }
        @{
            Name = 'has Unix stream sockets, with the peer''s credentials and descriptors'
            Script = {
                $folder = [System.IO.Directory]::CreateTempSubdirectory('nka').FullName
                $listener = New-UnixSocketListener "$folder/s"
                $client = Connect-UnixSocket "$folder/s"
                $server = Receive-SocketConnection $listener
                "x`n" | Send-SocketData $client
                ($server | Receive-SocketData -Line).Text
                $server.PeerCredential.OwningProcess -eq $PID
                Send-SocketHandle $client -InputObject $client
                $handle = Receive-SocketHandle $server
                $handle.IsClosed
                Close-Socket $handle, $client, $server, $listener
                @(Get-ChildItem $folder).Count
                Remove-Item $folder
            }
            Expected = 'x', 'True', 'False', '0'
        }
        @{
            Name = 'has Unix datagram sockets'
            Script = {
                $folder = [System.IO.Directory]::CreateTempSubdirectory('nka').FullName
                $from = New-UnixDatagramSocket "$folder/from"
                $to = New-UnixDatagramSocket "$folder/to"
                1..5 | ForEach-Object { "message $_" } | Send-SocketData $from -To "$folder/to"
                $messages = $to | Receive-SocketData -Count 5
                $messages.Text[4], ($messages[0].RemotePath -eq "$folder/from")
                'y' * 60000 | Send-SocketData $from -To "$folder/to"
                ($to | Receive-SocketData).Length
                Close-Socket $from, $to
                @(Get-ChildItem $folder).Count
                Remove-Item $folder
            }
            Expected = 'message 5', 'True', '60000', '0'
        }
        @{
            Name = 'serves by a script block'
            Script = {
                $listener = New-TcpSocketListener 0 127.0.0.1
                $job = $listener | Start-SocketServer { param($socket) $socket | Receive-SocketData -Line -Count 1 | Send-SocketData $socket }
                $client = Connect-TcpSocket 127.0.0.1 $listener.LocalPort
                "there and back`n" | Send-SocketData $client
                ($client | Receive-SocketData -ToEnd -Timeout 20).Text
                Close-Socket $client
                Stop-Job $job
                Remove-Job $job
            }
            Expected = @('there and back')
        }
    )
    $lacks = @{
        'New-SeqpacketListener'     = '/tmp/none'
        'Connect-SeqpacketSocket'   = '/tmp/none'
        'Get-UnixSocket'            = $null
        'New-TcpKeepAlivePolicy'    = '-IdleTime 30'
        'Get-TcpKeepAlivePolicy'    = $null
    }.GetEnumerator() | ForEach-Object { @{ Name = $_.Key; Script = "$($_.Key) $($_.Value) -ErrorAction Stop" } }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-Module (Join-Path $PSScriptRoot 'SocketTest.psm1')
    Import-TestModule
    $usable = $IsLinux -and (Get-Command cc -CommandType Application -ErrorAction Ignore)
    if ($usable) {
        $folder = New-TestFolder
        $library = "$folder/libdarwin.so"
        cc -shared -fPIC -nodefaultlibs -fvisibility=hidden -O1 -o $library (Join-Path $PSScriptRoot '../simulator/darwin.c')
    }
    # What each script put out, by its name; one process runs them all, and one that hangs is ended and fails.
    function Invoke-OnDarwin([hashtable[]]$Case) {
        $file = "$folder/script.ps1"
        Set-Content $file (@('$ErrorActionPreference = ''Stop''') + $($Case | ForEach-Object { "'## $($_.Name -replace "'", "''")'; try { $($_.Script) } catch { `$_.FullyQualifiedErrorId; `$_.ToString() }" }))
        $answers = @{}
        $lines = env timeout 600 @(Get-TestPwsh) -NoProfile -NonInteractive -File (Join-Path $PSScriptRoot 'OnDarwin.ps1') (Get-TestManifest) $library $file 2>&1 | ForEach-Object ToString
        switch -Regex ($lines) {
            '^## (.*)' { $name = $Matches[1]; $answers[$name] = @(); continue }
            default { $answers[$name] += $_ }
        }
        $answers
    }
}

AfterAll {
    if ($usable) {
        Remove-Item $folder -Recurse
    }
}

Describe 'On macOS, simulated, the module' -ForEach @{ Cases = $works + $lacks } {
    BeforeAll {
        if ($usable) {
            $answers = Invoke-OnDarwin $Cases
        }
    }
    BeforeEach {
        if (-not $usable) {
            Set-ItResult -Skipped -Because 'the simulator takes Linux and a C compiler'
        }
    }

    It '<Name>' -ForEach $works {
        $answers[$Name] | Should -Be $Expected
    }

    It 'says PlatformNotSupported of <Name>' -ForEach $lacks {
        $answers[$Name][0] | Should -BeLike 'PlatformNotSupported,*'
    }
}
