BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-TestModule
}

Describe 'Test-SocketBlockList' {
    BeforeAll {
        $list = New-SocketBlockList -Address 123.123.123.123 -Range '10.0.0.1-10.0.0.10' -Subnet '8592:757c:efae:4e45::/64'
    }

    It 'says <Blocked> of <Address>' -ForEach @(
        @{ Address = '123.123.123.123'; Blocked = $true }
        @{ Address = '10.0.0.3'; Blocked = $true }
        @{ Address = '10.0.0.11'; Blocked = $false }
        @{ Address = '222.111.111.222'; Blocked = $false }
        @{ Address = '8592:757c:efae:4e45::1'; Blocked = $true }
        @{ Address = '8592:757c:efae:4e46::'; Blocked = $false }
        @{ Address = '::ffff:7b7b:7b7b'; Blocked = $true }
        @{ Address = '::ffff:123.123.123.123'; Blocked = $true }
        @{ Address = '::ffff:10.0.0.3'; Blocked = $true }
        @{ Address = '::10.0.0.3'; Blocked = $false }
    ) {
        Test-SocketBlockList $list $Address | Should -Be $Blocked
        Test-SocketBlockList $list ([ipaddress]$Address) | Should -Be $Blocked
        [System.Net.IPEndPoint]::new([ipaddress]$Address, 80) | Test-SocketBlockList $list | Should -Be $Blocked
    }

    It 'keeps the families apart: ::/0 blocks no IPv4 address' {
        $six = New-SocketBlockList -Subnet '::/0'
        '2001:db8::1', '1.2.3.4', '::ffff:1.2.3.4' | Test-SocketBlockList $six | Should -Be $true, $false, $false
    }

    It 'takes a connection for the address of its peer' {
        $connection = New-TestConnection
        $socket = [NetKeepAlive.NetSocket]::FromHandle($connection.Client.SafeHandle)
        $socket | Test-SocketBlockList (New-SocketBlockList -Subnet 127.0.0.0/8) | Should -BeTrue
        $connection.Client.Dispose()
        $connection.Server.Dispose()
    }
}
