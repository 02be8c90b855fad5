# Thousands of sockets of every kind, in two namespaces that the test makes and in the host's: the same rows as ss(8) shows.
BeforeDiscovery {
    $places = 'the host''s', 'the first', 'the second' | ForEach-Object { @{ Place = $_ } }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-Module (Join-Path $PSScriptRoot 'SocketTest.psm1')
    Import-TestModule
    $program = @'
import resource, socket, sys
folder = sys.argv[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (8192, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
keep = []
def pairs(listener, count, family, to, ends=None):
    for i in range(count):
        client = socket.socket(family, listener.type); client.connect(to)
        server = listener.accept()[0]; keep.append((client, server))
        if i % 10 == 0: client.send(b'12345')
for family, host in (socket.AF_INET, '127.0.0.1'), (socket.AF_INET6, '::1'):
    listener = socket.socket(family); listener.bind((host, 0)); listener.listen(64); keep.append(listener)
    pairs(listener, 500, family, listener.getsockname())
    for i in range(3):
        waits = socket.socket(family); waits.connect(listener.getsockname()); keep.append(waits)
    receiver = socket.socket(family, socket.SOCK_DGRAM); receiver.bind((host, 0)); keep.append(receiver)
    for i in range(500):
        u = socket.socket(family, socket.SOCK_DGRAM); u.connect(receiver.getsockname()); keep.append(u)
        if i < 20: u.send(b'12345')
for kind, word in (socket.SOCK_STREAM, 'stream'), (socket.SOCK_SEQPACKET, 'seqpacket'):
    for name in folder + '/' + word, '\0' + folder[1:] + word:
        listener = socket.socket(socket.AF_UNIX, kind); listener.bind(name); listener.listen(64); keep.append(listener)
        pairs(listener, 200, socket.AF_UNIX, name)
        for i in range(3):
            waits = socket.socket(socket.AF_UNIX, kind); waits.connect(name); keep.append(waits)
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); receiver.bind(folder + '/datagram'); keep.append(receiver)
for i in range(100):
    d = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); d.connect(folder + '/datagram'); keep.append(d)
    if i < 5: d.send(b'12345')
for kind in socket.SOCK_STREAM, socket.SOCK_SEQPACKET, socket.SOCK_DGRAM:
    keep.extend(socket.socketpair(socket.AF_UNIX, kind) for i in range(100))
print('ready', flush=True)
sys.stdin.read()
'@
    # What ss shows: its columns, and the owner.
    function Get-Ss([string]$Namespace, [string]$Option, [int]$Owner) {
        $inside = @(if ($Namespace) { 'ip', 'netns', 'exec', $Namespace })
        foreach ($line in env @inside ss $Option 2>$null | Where-Object { $_ -match "pid=$Owner," }) {
            $field = -split $line
            $line -match 'pid=(\d+),fd=(\d+)' | Out-Null
            [pscustomobject]@{ Field = $field; Owner = "$($Matches[1]) $($Matches[2])"; Inode = $line -match 'ino:(\d+)' ? $Matches[1] : '' }
        }
    }
    # Both lists, sorted; taken again for a while where they differ, for the kernel may still be at work between two looks.
    function Get-Both([scriptblock]$Theirs, [scriptblock]$Ours) {
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        do {
            $both = @(& $Theirs | Sort-Object), @(& $Ours | Sort-Object)
        } while ((Compare-Object $both[0] $both[1]) -and $clock.Elapsed.TotalSeconds -lt 60)
        $both
    }
    function Format-Endpoint($Address, $Port) {
        # ss writes the empty endpoint of a UDP socket and of a listener as a star.
        if (-not $Port) { '*' } elseif ("$Address".Contains(':')) { "[$Address]:$Port" } else { "${Address}:$Port" }
    }
}

Describe 'The tables of <Place> namespace' -ForEach $places -Skip:(-not $IsLinux) {
    BeforeAll {
        $usable = (id -u) -eq 0 -and (Get-Command ip, ss, python3 -CommandType Application -ErrorAction Ignore | Select-Object -ExpandProperty Name -Unique).Count -eq 3
        $namespace = if ($Place -ne 'the host''s') { "nkt-$PID-$($Place -replace '\W')" }
        $folder = New-TestFolder
        if ($usable) {
            if ($namespace) {
                ip netns add $namespace
                ip netns exec $namespace ip link set lo up
                $holder = Start-TestProcess ip 'netns', 'exec', $namespace, 'python3', '-c', $program, $folder
            } else {
                $holder = Start-TestProcess python3 '-c', $program, $folder
            }
            $holder.StandardOutput.ReadLine() | Should -Be 'ready'
            $where = if ($namespace) { @{ NetworkNamespace = $namespace } } else { @{} }
        }
    }
    BeforeEach {
        if (-not $usable) {
            Set-ItResult -Skipped -Because 'it takes root, ip, ss and python3'
        }
    }
    AfterAll {
        if ($usable) {
            Stop-TestProcess $holder
            if ($namespace) {
                ip netns del $namespace
            }
        }
        Remove-Item $folder -Recurse -Force
    }

    It 'has the TCP sockets that ss -tanpoie shows: endpoints, states, queues, owners' {
        $words = @{ ESTAB = 'Established'; LISTEN = 'Listen' }
        $theirs, $ours = Get-Both {
            Get-Ss $namespace '-tanpoieHO' $holder.Id | ForEach-Object {
                "$($words[$_.Field[0]]) $($_.Field[1..3]) $($_.Field[4] -replace '^.*:\*$', '*') $($_.Owner) $($_.Inode)"
            }
        } {
            Get-TcpConnection @where | Where-Object OwningProcess -EQ $holder.Id | ForEach-Object {
                $queues = $_.State -eq 'Listen' ? "$($_.AcceptQueue) $($_.Backlog)" : "$($_.ReceiveQueue) $($_.SendQueue)"
                "$($_.State) $queues $(Format-Endpoint $_.LocalAddress $_.LocalPort) $(Format-Endpoint $_.RemoteAddress $_.RemotePort) $($_.OwningProcess) $($_.FileDescriptor) $($_.Inode)"
            }
        }
        $ours.Count | Should -Be 2008
        Compare-Object $theirs $ours | Should -BeNullOrEmpty
    }

    It 'has the UDP sockets that ss -uanpe shows: endpoints, queues, owners' {
        $theirs, $ours = Get-Both {
            Get-Ss $namespace '-uanpeHO' $holder.Id | ForEach-Object {
                "$($_.Field[1..3]) $($_.Field[4] -replace '^.*:\*$', '*') $($_.Owner) $($_.Inode)"
            }
        } {
            Get-UdpEndpoint @where | Where-Object OwningProcess -EQ $holder.Id | ForEach-Object {
                "$($_.ReceiveQueue) $($_.SendQueue) $(Format-Endpoint $_.LocalAddress $_.LocalPort) $(Format-Endpoint $_.RemoteAddress $_.RemotePort) $($_.OwningProcess) $($_.FileDescriptor) $($_.Inode)"
            }
        }
        $ours.Count | Should -Be 1002
        Compare-Object $theirs $ours | Should -BeNullOrEmpty
    }

    It 'has the Unix sockets that ss -xap shows: names, types, states, queues, peers, owners' {
        $types = @{ u_str = 'Stream'; u_seq = 'Seqpacket'; u_dgr = 'Datagram' }
        $words = @{ ESTAB = 'Established'; LISTEN = 'Listen'; UNCONN = 'Unconnected' }
        $seen = @{}
        $theirs, $ours = Get-Both {
            Get-Ss $namespace '-xapHO' $holder.Id | ForEach-Object {
                $field = $_.Field
                "$($types[$field[0]]) $($words[$field[1]]) $($field[2..5]) $($field[7]) $($_.Owner)"
            }
        } {
            $seen.Rows = Get-UnixSocket @where | Where-Object OwningProcess -EQ $holder.Id
            # Of a client that waits to be accepted ss tells no peer; the module tells the listener.
            $seen.Listeners = ($seen.Rows | Where-Object State -EQ Listen).Inode
            $seen.Rows | ForEach-Object {
                $peer = $_.PeerInode -in $seen.Listeners ? 0 : $_.PeerInode ?? 0
                $queues = $_.State -eq 'Listen' ? "$($_.AcceptQueue) $($_.Backlog)" : "$($_.ReceiveQueue) $($_.SendQueue)"
                $name = $_.LocalPath ?? ($_.AbstractName ? "@$($_.AbstractName)" : '*')
                "$($_.SocketType) $($_.State) $queues $name $($_.Inode) $peer $($_.OwningProcess) $($_.FileDescriptor)"
            }
        }
        $ours.Count | Should -BeGreaterThan 2000
        Compare-Object $theirs $ours | Should -BeNullOrEmpty
        # Both ends of every connection and pair are this process's, and say so.
        $seen.Rows | Where-Object { $_.PeerInode -and $_.PeerProcess -ne $holder.Id } | Should -BeNullOrEmpty
        @($seen.Rows | Where-Object PeerInode -In $seen.Listeners) | Should -HaveCount 12
    }
}
