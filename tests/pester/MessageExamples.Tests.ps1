# The scripts in examples/ that are about message sockets.
BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-Module (Join-Path $PSScriptRoot 'SocketTest.psm1')
    Import-TestModule
    $examples = Join-Path $PSScriptRoot '../../examples'
}

Describe 'The examples of message sockets' {
    BeforeEach {
        $folder = New-TestFolder
    }
    AfterEach {
        Remove-Item $folder -Recurse -Force
    }

    It 'Write-SystemLog.ps1 writes lines that a log understands' {
        $log = New-UnixDatagramSocket "$folder/log"
        'one', 'two' | & "$examples/Write-SystemLog.ps1" -Tag test -Severity 3 -Path "$folder/log"
        $lines = ($log | Receive-SocketData -Count 2 -Timeout 5).Text
        $lines[0] | Should -Match '^<11>\w{3} \d\d \d\d:\d\d:\d\d test\[\d+\]: one$'
        $lines[1] | Should -BeLike '*: two'
        Close-Socket $log
    }

    It 'Send-ServiceStatus.ps1 tells the manager' {
        $manager = New-UnixDatagramSocket "$folder/notify"
        $env:NOTIFY_SOCKET = "$folder/notify"
        try {
            & "$examples/Send-ServiceStatus.ps1" -Ready -Status 'all is well'
            ($manager | Receive-SocketData -Timeout 5).Text | Should -Be "READY=1`nSTATUS=all is well"
        } finally {
            $env:NOTIFY_SOCKET = $null
            Close-Socket $manager
        }
        & "$examples/Send-ServiceStatus.ps1" -Ready | Should -BeNullOrEmpty
    }

    It 'Start-Calculator.ps1 answers, also to Python' {
        Skip-WithoutLinux
        Skip-WithoutTool python3
        $service = Start-TestPipeline { param($script, $path) & $script $path -Count 2 } "$examples/Start-Calculator.ps1", "$folder/calc"
        Wait-Until { $service.Output.Count -ge 1 } 'the service'
        $client = Connect-SeqpacketSocket "$folder/calc" -Timeout 5
        '{"operation":"add","values":[1,2,3]}', '{"operation":"pray"}', 'nonsense' | Send-SocketData $client
        $answers = $client | Receive-SocketData -Count 3 -Timeout 60
        $answers[0].Text | Should -Be '{"result":6.0}'
        $answers[1].Text | Should -BeLike '*unknown operation*'
        $answers[2].Text | Should -BeLike '*not a request*'
        Close-Socket $client
        Invoke-Python 'import socket,sys; s=socket.socket(socket.AF_UNIX,socket.SOCK_SEQPACKET); s.connect(sys.argv[1]); s.send(b"{\"operation\":\"mean\",\"values\":[2,4]}"); print(s.recv(99).decode())' "$folder/calc" |
            Should -Be '{"result":3.0}'
        (Wait-TestPipeline $service).Errors | Should -BeNullOrEmpty
    }

    It 'Move-Listener.ps1 passes a listener to another pwsh' {
        Skip-WithoutLinux
        $answer = & "$examples/Move-Listener.ps1"
        $answer | Should -Match "^this is $PID; served by (?!$PID)\d+: hello$"
    }
}
