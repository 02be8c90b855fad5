BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'StreamTest.psm1')
    Import-Module (Join-Path $PSScriptRoot 'SocketTest.psm1')
    Import-TestModule
}

Describe 'New-UnixSocketListener' {
    BeforeEach {
        $path = Join-Path $TestDrive "$([guid]::NewGuid().ToString('N').Substring(0, 8)).sock"
    }
    AfterEach {
        $listener, $client, $accepted | Where-Object { $_ } | ForEach-Object Dispose
        $listener = $client = $accepted = $null
    }

    It 'listens on a file with its mode and removes it' {
        $listener = New-UnixSocketListener $path
        $listener.Kind | Should -Be UnixStream
        $listener.LocalPath | Should -Be $path
        $listener.Backlog | Should -Be 511
        (Get-Item $path).UnixMode | Should -Be 'srw-------'
        $listener | Close-Socket
        Test-Path $path | Should -BeFalse
    }

    It 'lets everybody connect with -ReadableAll -WritableAll' {
        $listener = New-UnixSocketListener $path -ReadableAll -WritableAll
        (Get-Item $path).UnixMode | Should -Be 'srw-rw-rw-'
    }

    It 'takes one stale file for one of two processes, never for both' {
        Skip-WithoutLinux
        $folder = New-TestFolder
        $taker = "Import-Module '$(Get-TestManifest)'; 'ready'; while (`$null -ne ([Console]::In.ReadLine())) { `$l = New-UnixSocketListener '$folder/s' -Force -ErrorAction SilentlyContinue -ErrorVariable failed; (`$failed.FullyQualifiedErrorId -split ',')[0] + [bool]`$l; `$null = [Console]::In.ReadLine(); Close-Socket `$l; 'closed' }"
        $takers = 1..2 | ForEach-Object { Start-TestPwsh '-NoLogo', '-NoProfile', '-NonInteractive', '-Command', $taker }
        try {
            foreach ($one in $takers) {
                $one.StandardOutput.ReadLine() | Should -Be ready
            }
            foreach ($round in 1..50) {
                # A socket file that nobody serves: its name comes back after .NET has removed it.
                $stale = [System.Net.Sockets.Socket]::new('Unix', 'Stream', 'Unspecified')
                $stale.Bind([System.Net.Sockets.UnixDomainSocketEndPoint]::new("$folder/s"))
                Rename-Item "$folder/s" kept
                $stale.Dispose()
                Rename-Item "$folder/kept" s
                $takers.ForEach{ $_.StandardInput.WriteLine('take') }
                $takers.ForEach{ $_.StandardOutput.ReadLine() } | Sort-Object |
                    Should -Be 'EADDRINUSEFalse', 'True' -Because "of two takers one serves, in round $round"
                $takers.ForEach{ $_.StandardInput.WriteLine('close') }
                $takers.ForEach{ $_.StandardOutput.ReadLine() } | Should -Be closed, closed
                Test-Path "$folder/s" | Should -BeFalse
            }
        } finally {
            $takers | ForEach-Object { Stop-TestProcess $_ }
            Remove-Item $folder -Recurse -Force
        }
    }

    It 'leaves no file when the script ends without closing it, <How>' -ForEach @(
        @{ How = 'by its end'; End = '' }
        @{ How = 'by exit'; End = 'exit 3' }
        @{ How = 'by an error'; End = 'throw "no"' }
    ) {
        $folder = New-TestFolder
        try {
            $script = "Import-Module '$(Get-TestManifest)'; `$l = New-UnixSocketListener '$folder/l'; `$d = New-UnixDatagramSocket '$folder/d'; (Get-ChildItem '$folder').Name -join ' '; $End"
            @(Invoke-TestPwsh -NoLogo -NoProfile -NonInteractive -Command $script 2>$null)[0] | Should -Be 'd l'
            Get-ChildItem $folder | Should -BeNullOrEmpty
        } finally {
            Remove-Item $folder -Recurse -Force
        }
    }

    It 'leaves no file when SIG<_> ends the process, or the process ends after it' -ForEach 'TERM', 'HUP', 'QUIT' {
        Skip-WithoutTool python3
        $folder = New-TestFolder
        $script = "Import-Module '$(Get-TestManifest)'; `$l = New-UnixSocketListener '$folder/l'; `$q = New-SeqpacketListener '$folder/q'; `$d = New-UnixDatagramSocket '$folder/d'; 'ready'; [Console]::In.ReadLine()"
        # The signal may be ignored here, and then by the children too: python3 puts it back.
        $default = "import os, signal, sys; signal.signal(signal.SIG$_, signal.SIG_DFL); os.execvp(sys.argv[1], sys.argv[1:])"
        $process = Start-TestProcess python3 (@('-c', $default) + @(Get-TestPwsh) + @('-NoLogo', '-NoProfile', '-NonInteractive', '-Command', $script))
        try {
            $process.StandardOutput.ReadLine() | Should -Be ready
            (Get-ChildItem $folder).Name | Should -Be d, l, q
            kill -s $_ $process.Id
            if ($_ -eq 'QUIT') {
                # pwsh itself goes on after it.
                $process.StandardInput.Close()
            }
            $process.WaitForExit(60000) | Should -BeTrue
            if ($_ -ne 'QUIT') {
                $process.ExitCode | Should -Be (128 + @{ TERM = 15; HUP = 1 }[$_])
            }
            Get-ChildItem $folder | Should -BeNullOrEmpty
        } finally {
            Stop-TestProcess $process
            Remove-Item $folder -Recurse -Force
        }
    }

    It 'serves socat' {
        Skip-WithoutTool socat
        $listener = New-UnixSocketListener $path -AllowHalfOpen
        $socat = Start-TestProcess socat '-t', '20', '-', "UNIX-CONNECT:$path"
        try {
            $accepted = $listener | Receive-SocketConnection -Timeout 20
            $accepted.PeerCredential.OwningProcess | Should -Be $socat.Id
            $socat.StandardInput.WriteLine('from socat')
            $socat.StandardInput.Close()
            ($accepted | Receive-SocketData -Line -ToEnd -Timeout 20).Text | Should -Be 'from socat'
            "to socat`n" | Send-SocketData $accepted
            $accepted | Close-Socket
            $socat.StandardOutput.ReadToEnd() | Should -Be "to socat`n"
        } finally {
            Stop-TestProcess $socat
        }
    }

    It 'serves ncat by an abstract name' {
        Skip-WithoutTool socat
        $name = "netkeepalive-$PID-$(Get-Random)"
        $listener = New-UnixSocketListener -AbstractName $name
        $listener.LocalPath | Should -Be "@$name"
        'abstract' | socat -u - "ABSTRACT-CONNECT:$name"
        $accepted = $listener | Receive-SocketConnection -Timeout 20
        ($accepted | Receive-SocketData -Line -Timeout 20).Text | Should -Be 'abstract'
    }

    It 'takes a path or an abstract name: not both, not neither' {
        { New-UnixSocketListener -Path $path -AbstractName x } | Should -Throw -ErrorId 'AmbiguousParameterSet,*'
        # In a runspace that nobody can be asked in.
        $shell = [powershell]::Create().AddScript("Import-Module '$(Get-TestManifest)'; New-UnixSocketListener")
        try {
            $null = $shell.Invoke()
            $shell.Streams.Error[0].FullyQualifiedErrorId | Should -BeLike 'MissingMandatoryParameter,*'
            $shell.Streams.Error[0].Exception.Message | Should -BeLike '*Path*'
        } finally {
            $shell.Dispose()
        }
    }

    It 'is shared with nobody: EADDRINUSE, also with -Force while it is served' {
        $listener = New-UnixSocketListener $path
        { New-UnixSocketListener $path -ErrorAction Stop } | Should -Throw -ErrorId 'EADDRINUSE,*'
        { New-UnixSocketListener $path -Force -ErrorAction Stop } | Should -Throw -ErrorId 'EADDRINUSE,*'
    }
}
