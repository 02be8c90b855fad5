# A check of a service that talks in lines, in Pester: here Redis, whose inline commands are lines.
#
#     $env:REDIS_PORT = 6379; Invoke-Pester ./examples/LineProtocol.Tests.ps1
BeforeAll {
    if (-not (Get-Module NetKeepAlive)) {
        # The one of this clone or package; else the one that is installed.
        $beside = Join-Path $PSScriptRoot '..'
        Import-Module ((Test-Path "$beside/module/NetKeepAlive.dll") ? "$beside/NetKeepAlive.psd1" : 'NetKeepAlive')
    }
    $port = $env:REDIS_PORT ?? 6379

    function Send-Command([string]$Command) {
        "$Command`r`n" | Send-SocketData $socket
        ($socket | Receive-SocketData -Line -Timeout 5).Text
    }
}

Describe 'Redis' {
    BeforeEach {
        $socket = Connect-TcpSocket localhost $port -Timeout 5 -ErrorAction Stop
    }
    AfterEach {
        $socket | Close-Socket
    }

    It 'answers' {
        Send-Command 'PING' | Should -Be '+PONG'
    }

    It 'keeps what it is told' {
        Send-Command 'SET netkeepalive-check works' | Should -Be '+OK'
        Send-Command 'GET netkeepalive-check' | Should -Be '$5'
        ($socket | Receive-SocketData -Line -Timeout 5).Text | Should -Be 'works'
        Send-Command 'DEL netkeepalive-check' | Should -Be ':1'
    }

    It 'refuses what it does not know, and stays' {
        Send-Command 'NOSUCHCOMMAND' | Should -BeLike '-ERR unknown command*'
        Send-Command 'PING' | Should -Be '+PONG'
    }

    It 'says goodbye in order' {
        Send-Command 'QUIT' | Should -Be '+OK'
        $socket | Receive-SocketData -Timeout 5 | Should -BeNullOrEmpty
    }
}
