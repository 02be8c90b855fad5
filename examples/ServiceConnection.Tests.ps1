# A check for Pester: does a service listen, is its queue short, and would each of its connections notice a dead peer?
#
#     $env:SERVICE_PORT = 8080; Invoke-Pester ./examples/ServiceConnection.Tests.ps1

BeforeAll {
    Import-Module NetKeepAlive -ErrorAction SilentlyContinue
    $port = $env:SERVICE_PORT
}

Describe 'The connections of the service' {
    It 'is told which service' {
        $port | Should -Match '^\d+$' -Because '$env:SERVICE_PORT names its port'
    }

    It 'listens, and takes what comes' {
        $listeners = @(Get-TcpConnection -LocalPort $port -State Listen)
        $listeners.Count | Should -BeGreaterThan 0
        foreach ($listener in $listeners) {
            $listener.AcceptQueue | Should -BeLessThan ([Math]::Max(1, $listener.Backlog / 2)) -Because "$listener has room"
        }
    }

    It 'notices within two minutes that a peer is dead' {
        foreach ($connection in Get-TcpConnection -LocalPort $port -State Established -KeepAlive) {
            # What could not be looked at is no success.
            $connection.KeepAlive | Should -Not -BeNullOrEmpty -Because "the settings of $connection can be read by its owner or root"
            $connection.KeepAlive.DetectionTime | Should -Not -BeNullOrEmpty -Because "$connection has keep-alive"
            $connection.KeepAlive.DetectionTime | Should -BeLessOrEqual ([timespan]::FromMinutes(2)) -Because "$connection"
        }
    }

    It 'leaves no connection half closed' {
        Get-TcpConnection -LocalPort $port -State CloseWait | Should -BeNullOrEmpty
    }
}
