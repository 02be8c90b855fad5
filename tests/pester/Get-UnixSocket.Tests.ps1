BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-Module (Join-Path $PSScriptRoot 'SocketTest.psm1')
    Import-TestModule
}

Describe 'Get-UnixSocket' -Skip:(-not $IsLinux) {
    BeforeAll {
        $folder = New-TestFolder
        # A process of its own at the other end: connects as often as it is told, and says where.
        $client = @'
import socket, sys
kind = {'stream': socket.SOCK_STREAM, 'seqpacket': socket.SOCK_SEQPACKET, 'datagram': socket.SOCK_DGRAM}[sys.argv[1]]
held = []
for i in range(int(sys.argv[3])):
    s = socket.socket(socket.AF_UNIX, kind)
    s.connect('\0' + sys.argv[2][1:] if sys.argv[2].startswith('@') else sys.argv[2])
    held.append(s)
print('ready', flush=True)
sys.stdin.read()
'@
    }
    AfterAll {
        Remove-Item $folder -Recurse -Force
    }

    It 'names both ends of three clients and of one that waits: <Kind> at <Name>' -ForEach @(
        @{ Kind = 'stream'; Name = 'path' }
        @{ Kind = 'stream'; Name = 'abstract' }
        @{ Kind = 'seqpacket'; Name = 'path' }
        @{ Kind = 'seqpacket'; Name = 'abstract' }
    ) {
        $where = if ($Name -eq 'path') { @{ Path = "$folder/$Kind.sock" } } else { @{ AbstractName = "nka-test-$PID-$Kind" } }
        $text = $where.Path ?? "@$($where.AbstractName)"
        $listener = if ($Kind -eq 'stream') { New-UnixSocketListener @where } else { New-SeqpacketListener @where }
        $python = Start-Python $client $Kind, $text, 4
        $servers = Receive-SocketConnection $listener -Count 3
        try {
            $rows = Get-UnixSocket $text
            $listening = $rows | Where-Object State -EQ Listen
            $listening.AcceptQueue | Should -Be 1
            $listening.OwningProcess | Should -Be $PID
            $served = @($rows | Where-Object State -EQ Established)
            $served.Count | Should -Be 3
            $served.PeerProcess | Should -Be $python.Id, $python.Id, $python.Id
            $served.PeerProcessName | Select-Object -Unique | Should -Be python3
            $served.OwningProcess | Select-Object -Unique | Should -Be $PID
            $served.SocketType | Select-Object -Unique | Should -Be $Kind
            # The other direction, the waiting one included: its peer is the listener.
            $clients = @(Get-UnixSocket -OwningProcess $python.Id -State Established)
            $clients.Count | Should -Be 4
            $clients.PeerProcess | Select-Object -Unique | Should -Be $PID
            $clients.PeerPath | Select-Object -Unique | Should -Be $text
            ($clients.PeerInode | Sort-Object) | Should -Be (@($served.Inode) + $listening.Inode | Sort-Object)
        } finally {
            $python.Kill()
            Close-Socket $servers
            Close-Socket $listener
        }
    }

    It 'names the peers of a pair and of a datagram socket' {
        $pair = New-UnixSocketPair
        $ends = Get-UnixSocket -OwningProcess $PID -SocketType Seqpacket -State connected | Where-Object { -not $_.PeerPath -and -not $_.LocalPath -and -not $_.AbstractName }
        $one = $ends | Where-Object FileDescriptor -EQ ([int]$pair[0].Socket.Handle)
        $other = $ends | Where-Object FileDescriptor -EQ ([int]$pair[1].Socket.Handle)
        $one.PeerInode | Should -Be $other.Inode
        $other.PeerInode | Should -Be $one.Inode
        $one.PeerProcess | Should -Be $PID
        "$one" | Should -Be "unix:[$($one.Inode)]"
        Close-Socket $pair

        $receiver = New-UnixDatagramSocket "$folder/datagram.sock"
        $python = Start-Python $client datagram, "$folder/datagram.sock", 1
        $row = Get-UnixSocket -OwningProcess $python.Id -SocketType Datagram
        $row.PeerPath | Should -Be "$folder/datagram.sock"
        $row.PeerProcess | Should -Be $PID
        $python.Kill()
        Close-Socket $receiver
    }

    It 'finds by wildcards, relative paths and listeners by pipeline, and binds to no other cmdlet''s path' {
        $listener = New-UnixSocketListener "$folder/found.sock"
        Push-Location $folder
        (Get-UnixSocket found.sock).LocalPath | Should -Be "$folder/found.sock"
        (Get-UnixSocket ./f*.sock).LocalPath | Should -Be "$folder/found.sock"
        Pop-Location
        ($listener | Get-UnixSocket).Inode | Should -BeGreaterThan 0
        $row = Get-UnixSocket "$folder/found.sock"
        "$row" | Should -Be "unix:$folder/found.sock"
        $row.PSObject.Properties.Name | Should -Not -Contain 'Path'
        [int]$row.State | Should -BeGreaterOrEqual 1000
        ($row | Out-String -Width 80) | Should -Match '0 of 511 to accept'
        ($row | ConvertTo-Json -Depth 4).Length | Should -BeLessThan 8192
        Close-Socket $listener
    }

    It 'finds the own row of a socket, a row and a process by pipeline, also without a name' {
        $pair = New-UnixSocketPair -SocketType Datagram
        $nameless = New-UnixDatagramSocket
        $listener = New-UnixSocketListener "$folder/own.sock"
        foreach ($socket in $pair + $nameless + $listener) {
            $row = $socket | Get-UnixSocket
            $row | Should -HaveCount 1
            $row.FileDescriptor | Should -Be ([int]$socket.Socket.Handle)
            ($row | Get-UnixSocket).Inode | Should -Be $row.Inode
            ($row | ConvertTo-Csv | ConvertFrom-Csv | Get-UnixSocket).Inode | Should -Be $row.Inode
        }
        (Get-UnixSocket -Inode ($pair[0] | Get-UnixSocket).PeerInode).FileDescriptor | Should -Be ([int]$pair[1].Socket.Handle)
        foreach ($rows in (Get-Process -Id $PID | Get-UnixSocket), (Get-UnixSocket -Process (Get-Process -Id $PID))) {
            $rows.OwningProcess | Select-Object -Unique | Should -Be $PID
            ($pair | Get-UnixSocket).Inode | ForEach-Object { $_ | Should -BeIn $rows.Inode }
        }
        $tcp = New-TcpSocketListener -Address 127.0.0.1
        { $tcp | Get-UnixSocket -ErrorAction Stop } | Should -Throw '*no Unix socket*'
        [pscustomobject]@{ Path = $null } | Get-UnixSocket | Should -BeNullOrEmpty
        { Get-UnixSocket '' } | Should -Throw '*-Path*'
        { $null | Get-UnixSocket -ErrorAction Stop } | Should -Throw '*null*'
        { 'text' | Get-UnixSocket -ErrorAction Stop } | Should -Throw -ErrorId 'InputObjectNotBound,*'
        [pscustomobject]@{ Inode = $null } | Get-UnixSocket | Should -BeNullOrEmpty
        [pscustomobject]@{ Inode = '' } | Get-UnixSocket | Should -BeNullOrEmpty
        { Get-UnixSocket -Inode @() } | Should -Throw '*Inode*'
        Close-Socket $pair, $nameless, $listener, $tcp
        { $nameless | Get-UnixSocket -ErrorAction Stop } | Should -Throw '*closed*'
    }

    It 'finds what was bound to a relative path by that path' {
        $program = 'import os, socket, sys; os.chdir(sys.argv[1]); s = socket.socket(socket.AF_UNIX); s.bind("relative.sock"); s.listen(); print("ready"); sys.stdin.read()'
        $python = Start-Python $program $folder
        foreach ($name in 'relative.sock', 'rel*.sock') {
            $row = Get-UnixSocket $name -OwningProcess $python.Id
            $row.LocalPath | Should -Be relative.sock
        }
        ($row | Get-UnixSocket).Inode | Should -Be $row.Inode
        (Get-UnixSocket ([wildcardpattern]::Escape('relative.sock')) -OwningProcess $python.Id).Inode | Should -Be $row.Inode
        Get-UnixSocket 'elative*' -OwningProcess $python.Id | Should -BeNullOrEmpty
        Stop-TestProcess $python
    }

    It 'finds a row of an abstract name again, and no other' {
        $listener = New-UnixSocketListener -AbstractName "again-$PID"
        $other = New-UnixSocketListener -AbstractName "other-$PID"
        $row = Get-UnixSocket -AbstractName "again-$PID"
        ($row | Get-UnixSocket).Inode | Should -Be $row.Inode
        ($row, (Get-UnixSocket -AbstractName "other-$PID") | Get-UnixSocket).AbstractName | Should -Be "again-$PID", "other-$PID"
        ($row | ConvertTo-Csv | ConvertFrom-Csv | Get-UnixSocket).Inode | Should -Be $row.Inode
        { Get-UnixSocket -AbstractName $null } | Should -Throw '*AbstractName*'
        { Get-UnixSocket -AbstractName '' } | Should -Throw '*AbstractName*'
        { Get-UnixSocket -AbstractName x, '' } | Should -Throw '*AbstractName*'
        Close-Socket $listener, $other
    }

    It 'takes a row from CSV of which nobody is seen to be the owner, or the number is missing' {
        $listener = New-UnixSocketListener "$folder/unowned.sock"
        $row = Get-UnixSocket "$folder/unowned.sock" | Select-Object LocalPath, AbstractName, Inode, OwningProcess, NetworkNamespace
        $row.OwningProcess = $null
        ($row | ConvertTo-Csv | ConvertFrom-Csv | Get-UnixSocket -ErrorAction Stop).Inode | Should -Be $row.Inode
        $inode = $row.Inode
        $row.Inode = $null
        ($row | ConvertTo-Csv | ConvertFrom-Csv | Get-UnixSocket -ErrorAction Stop).Inode | Should -Be $inode
        Close-Socket $listener
    }

    It 'escapes the control characters of names in words and cells' {
        $name = "evil`e[31m$PID"
        $listener = New-UnixSocketListener -AbstractName $name
        $row = Get-UnixSocket -AbstractName $name
        $row.AbstractName | Should -Be $name
        "$row" | Should -Not -Match "`e"
        ($row | Out-String -Width 120) | Should -Not -Match "`e\[31m"
        Close-Socket $listener
    }
}
