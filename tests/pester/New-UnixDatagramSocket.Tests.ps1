BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-Module (Join-Path $PSScriptRoot 'SocketTest.psm1')
    Import-TestModule
}

Describe 'New-UnixDatagramSocket' {
    BeforeEach {
        $folder = New-TestFolder
    }
    AfterEach {
        Remove-Item $folder -Recurse -Force
    }

    It 'makes the file with mode <Expected> for <Parameters>' -ForEach @(
        @{ Parameters = @{ }; Expected = '600' }
        @{ Parameters = @{ Mode = 0640 }; Expected = '640' }
        @{ Parameters = @{ Mode = '0666' }; Expected = '666' }
        @{ Parameters = @{ Mode = '777' }; Expected = '777' }
    ) {
        $socket = New-UnixDatagramSocket "$folder/s" @Parameters
        stat -c %a "$folder/s" | Should -Be $Expected
        $socket.LocalPath | Should -Be "$folder/s"
        $socket | Should -BeOfType NetKeepAlive.UnixDatagramSocket
        Close-Socket $socket
        Test-Path "$folder/s" | Should -BeFalse
    }

    It 'never shows the file with wider rights, by strace' {
        Skip-WithoutTool strace
        Skip-WithoutLinux
        $script = "umask 0; exec strace -f -qq -e trace=bind,fchmod,chmod,fchmodat -o $folder/trace $(Get-TestPwshText) -nop -c `"Import-Module $(Get-TestManifest); New-UnixDatagramSocket $folder/s`" > /dev/null"
        sh -c $script
        $calls = Get-Content "$folder/trace" | Where-Object { $_ -match 'fchmod|folder|/s"' }
        $bind = ($calls | Select-String "bind\(.*$folder/s" | Select-Object -First 1).LineNumber
        $mode = ($calls | Select-String 'fchmod\(\d+, 0600\)' | Select-Object -First 1).LineNumber
        $bind | Should -Not -BeNullOrEmpty
        $mode | Should -BeLessThan $bind
    }

    It 'completes -Mode of <_> with octal modes' -ForEach 'New-UnixDatagramSocket', 'New-SeqpacketListener', 'New-UnixSocketListener' {
        (TabExpansion2 "$_ ./s -Mode ").CompletionMatches.CompletionText | Should -Be 0600, 0660, 0666
        (TabExpansion2 "$_ ./s -Mode 066").CompletionMatches.CompletionText | Should -Be 0660, 0666
    }

    It 'takes a UnixFileMode for a mode' {
        $socket = New-UnixDatagramSocket "$folder/s" -Mode ([System.IO.UnixFileMode]'UserRead, UserWrite, GroupWrite')
        [int](Get-Item "$folder/s").UnixFileMode | Should -Be 0b110010000
        Close-Socket $socket
    }

    It 'refuses <Mode> for a mode' -ForEach @(@{ Mode = '0888' }, @{ Mode = 1777 }, @{ Mode = 'rw' }, @{ Mode = '' }) {
        { New-UnixDatagramSocket "$folder/s" -Mode $Mode -ErrorAction Stop } | Should -Throw '*octal*'
    }

    It 'resolves paths against the location, ~ and drives' {
        Push-Location $folder
        try {
            $relative = New-UnixDatagramSocket sub
            $relative.LocalPath | Should -Be "$folder/sub"
            $null = New-PSDrive NkaTest FileSystem $folder
            $drive = New-UnixDatagramSocket NkaTest:/drive
            $drive.LocalPath | Should -Be "$folder/drive"
            Push-Location /
            Close-Socket $relative, $drive
            Pop-Location
            Test-Path "$folder/sub", "$folder/drive" | Should -Be $false, $false
        } finally {
            Pop-Location
            Remove-PSDrive NkaTest -ErrorAction Ignore
        }
    }

    It 'leaves a file alone that another program has put in its place' {
        $socket = New-UnixDatagramSocket "$folder/s"
        Remove-Item "$folder/s"
        Set-Content "$folder/s" mine
        Close-Socket $socket
        Get-Content "$folder/s" | Should -Be mine
        $first = New-UnixDatagramSocket "$folder/t"
        Remove-Item "$folder/t"
        $second = New-UnixDatagramSocket "$folder/t"
        Close-Socket $first
        'x' | Send-SocketData $second -To "$folder/t"
        ($second | Receive-SocketData -Timeout 5).Text | Should -Be x
        Close-Socket $second
        Test-Path "$folder/t" | Should -BeFalse
    }

    It 'takes the place of a dead socket with -Force alone' {
        Skip-WithoutTool python3
        Invoke-Python 'import socket,sys; socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM).bind(sys.argv[1])' "$folder/s"
        New-UnixDatagramSocket "$folder/s" -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'EADDRINUSE,*'
        $failure[0].CategoryInfo.Category | Should -Be ResourceExists
        $failure[0].Exception.Message | Should -BeLike '*-Force*'
        $failure[0].TargetObject | Should -Be "$folder/s"
        $socket = New-UnixDatagramSocket "$folder/s" -Force
        $socket.LocalPath | Should -Be "$folder/s"
        Close-Socket $socket
    }

    It 'refuses with -Force what is <What>: <Id>' -ForEach @(
        @{ What = 'a live datagram socket'; Id = 'EADDRINUSE' }
        @{ What = 'a live listener'; Id = 'EADDRINUSE' }
        @{ What = 'bound and not yet listening'; Id = 'EADDRINUSE' }
        @{ What = 'a file'; Id = 'EEXIST' }
        @{ What = 'a folder'; Id = 'EEXIST' }
        @{ What = 'a symbolic link to a dead socket'; Id = 'EEXIST' }
    ) {
        Skip-WithoutTool python3
        $path = "$folder/s"
        $keep = switch ($What) {
            'a live datagram socket' { New-UnixDatagramSocket $path }
            'a live listener' { New-SeqpacketListener $path }
            'bound and not yet listening' {
                $stream = [System.Net.Sockets.Socket]::new('Unix', 'Stream', 'Unspecified')
                $stream.Bind([System.Net.Sockets.UnixDomainSocketEndPoint]::new($path))
                $stream
            }
            'a file' { Set-Content $path text }
            'a folder' { $null = New-Item $path -ItemType Directory }
            default {
                Invoke-Python 'import socket,sys; socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM).bind(sys.argv[1])' "$folder/dead"
                $null = New-Item $path -ItemType SymbolicLink -Value "$folder/dead"
            }
        }
        $before = stat -c '%i %F' $path
        New-UnixDatagramSocket $path -Force -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike "$Id,*"
        $failure[0].CategoryInfo.Category | Should -Be ResourceExists
        $failure[0].Exception.Message | Should -BeLike '*it stays*'
        stat -c '%i %F' $path | Should -Be $before
        if ($keep) {
            Close-Socket $keep
        }
    }

    It 'says <Id> of <What>' -ForEach @(
        @{ What = 'a path of 108 bytes'; Id = 'PathTooLong'; Category = 'InvalidArgument' }
        @{ What = 'a missing directory'; Id = 'ENOENT'; Category = 'ResourceUnavailable' }
        @{ What = 'a file for a directory'; Id = 'ENOTDIR'; Category = 'ResourceUnavailable' }
        @{ What = 'a peer that is not there'; Id = 'ENOENT'; Category = 'ResourceUnavailable' }
    ) {
        $parameters = switch ($What) {
            'a path of 108 bytes' { @{ Path = '/tmp/' + 'x' * 103 } }
            'a missing directory' { @{ Path = "$folder/none/s" } }
            'a file for a directory' { Set-Content "$folder/file" x; @{ Path = "$folder/file/s" } }
            default { @{ ConnectTo = "$folder/none" } }
        }
        New-UnixDatagramSocket @parameters -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike "$Id,*"
        $failure[0].CategoryInfo.Category | Should -Be $Category
    }

    It 'takes a path of 107 bytes' {
        Skip-WithoutLinux
        $path = "$folder/" + 'x' * (106 - $folder.Length)
        $socket = New-UnixDatagramSocket $path
        $socket.LocalPath | Should -Be $path
        'x' | Send-SocketData $socket -To $path
        ($socket | Receive-SocketData -Timeout 5).RemotePath | Should -Be $path
        Close-Socket $socket
        Test-Path $path | Should -BeFalse
    }

    It 'says EACCES where another user may not write' {
        Skip-WithoutNobody
        chmod 755 $folder
        Invoke-AsNobody "New-UnixDatagramSocket '$folder/s' -ErrorAction SilentlyContinue -ErrorVariable failure; `"`$(`$failure[0].FullyQualifiedErrorId)|`$(`$failure[0].CategoryInfo.Category)`"" |
            Should -BeLike 'EACCES,*|PermissionDenied'
    }

    It 'has an abstract name that leaves no file and is free again after close' {
        Skip-WithoutLinux
        # No beginning of a name that another process has.
        $name = "nka-$PID-x"
        $socket = New-UnixDatagramSocket -AbstractName $name
        $socket.LocalPath | Should -Be "@$name"
        New-UnixDatagramSocket -AbstractName $name -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'EADDRINUSE,*'
        $origin = New-UnixDatagramSocket
        'x' | Send-SocketData $origin -ToAbstractName $name
        ($socket | Receive-SocketData -Timeout 5).Text | Should -Be x
        (TabExpansion2 "Send-SocketData -ToAbstractName $name").CompletionMatches.CompletionText | Should -Be $name
        Close-Socket $socket, $origin
        Close-Socket (New-UnixDatagramSocket -AbstractName $name)
    }

    It 'sets buffer sizes, and warns when the kernel gives less' {
        Skip-WithoutLinux
        $socket = New-UnixDatagramSocket -ReceiveBufferSize 50000 -SendBufferSize 60000
        ($socket | Get-SocketOption ReceiveBufferSize, SendBufferSize).Value | Should -Be 100000, 120000
        $greedy = New-UnixDatagramSocket -SendBufferSize 1000000000 -WarningVariable warning -WarningAction SilentlyContinue
        $warning[0].Message | Should -BeLike '*wmem_max*'
        Close-Socket $socket, $greedy
    }

    It 'raises DataReceived with the sender''s path' {
        $socket = New-UnixDatagramSocket "$folder/s"
        $origin = New-UnixDatagramSocket "$folder/origin"
        $null = Register-ObjectEvent $socket DataReceived -SourceIdentifier datagram
        try {
            'hello' | Send-SocketData $origin -To "$folder/s"
            $message = (Wait-Event datagram -Timeout 10).SourceEventArgs
            $message.Text | Should -Be hello
            $message.RemotePath | Should -Be "$folder/origin"
        } finally {
            Unregister-Event datagram
            Remove-Event datagram -ErrorAction Ignore
            Close-Socket $socket, $origin
        }
    }

    It 'understands systemd-notify' {
        Skip-WithoutTool systemd-notify
        $notify = New-UnixDatagramSocket "$folder/notify" -PassCredential -Mode 0666
        $env:NOTIFY_SOCKET = "$folder/notify"
        try {
            $client = Start-TestProcess systemd-notify '--ready', '--status=up and running'
            $text = ''
            while ($text -notmatch 'READY=1') {
                $message = $notify | Receive-SocketData -Timeout 10 -ErrorAction Stop
                $text += $message.Text
                # It waits for its barrier descriptor to be closed.
                $message.Dispose()
            }
            $text | Should -Match 'STATUS=up and running'
            $message.Credential.OwningProcess | Should -BeGreaterThan 0
            Stop-TestProcess $client
        } finally {
            $env:NOTIFY_SOCKET = $null
            Close-Socket $notify
        }
    }

    It 'opens no descriptor that a child inherits' {
        Skip-WithoutLinux
        $count = { @(sh -c 'ls /proc/self/fd').Count }
        $before = & $count
        $socket = New-UnixDatagramSocket "$folder/s"
        $pair = New-UnixSocketPair
        $listener = New-SeqpacketListener "$folder/l"
        $client = Connect-SeqpacketSocket "$folder/l"
        $server = $listener | Receive-SocketConnection
        $socket | Receive-SocketData -Timeout 0.01 -ErrorAction SilentlyContinue
        & $count | Should -Be $before
        sh -c 'ls -l /proc/self/fd' | Should -Not -Match 'socket:'
        Close-Socket $socket, $listener, $client, $server
        $pair | Close-Socket
    }
}
