BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'StreamTest.psm1')
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
