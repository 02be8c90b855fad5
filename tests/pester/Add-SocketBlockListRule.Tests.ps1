BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-TestModule
}

Describe 'Add-SocketBlockListRule' {
    It 'adds what it is given and says nothing, unless asked' {
        $list = New-SocketBlockList
        Add-SocketBlockListRule $list -Address 123.123.123.123 | Should -BeNullOrEmpty
        Add-SocketBlockListRule $list -Range '10.0.0.1-10.0.0.10' -PassThru | Should -Be $list
        Add-SocketBlockListRule $list -Subnet '8592:757c:efae:4e45::/64'
        $list.Rules | Should -Be '123.123.123.123', '10.0.0.1-10.0.0.10', '8592:757c:efae:4e45::/64'
    }

    It 'takes addresses by pipeline, as many as there are' {
        $list = New-SocketBlockList
        1..1000 | ForEach-Object { [ipaddress]::new([byte[]](10, 0, ($_ -shr 8), ($_ -band 255))) } | Add-SocketBlockListRule $list
        $list.Count | Should -Be 1000
        '10.0.0.1', '10.0.3.232', '10.0.3.233' | Test-SocketBlockList $list | Should -Be $true, $true, $false
    }

    It 'takes lists by pipeline, too' {
        $first, $second = 1..2 | ForEach-Object { New-SocketBlockList }
        $first, $second | Add-SocketBlockListRule -Subnet 10.0.0.0/8 -PassThru | Should -Be $first, $second
        $first.Rules | Should -Be '10.0.0.0/8'
        $second.Rules | Should -Be '10.0.0.0/8'
        New-SocketBlockList | Add-SocketBlockListRule -Address 10.0.0.1 -PassThru | ForEach-Object Rules | Should -Be '10.0.0.1'
    }

    It 'takes an IPAddress and an IPEndPoint for an address' {
        $list = New-SocketBlockList
        Add-SocketBlockListRule $list -Address ([ipaddress]'10.0.0.1'), ([System.Net.IPEndPoint]::Parse('[::1]:80'))
        $list.Rules | Should -Be '10.0.0.1', '::1'
    }

    It 'refuses a reversed range' {
        $list = New-SocketBlockList
        { Add-SocketBlockListRule $list -Range '10.0.0.9-10.0.0.1' -ErrorAction Stop } | Should -Throw '-Range: *reversed*'
        { Add-SocketBlockListRule $list -Subnet '10.0.0.0/33' -ErrorAction Stop } | Should -Throw '-Subnet: *0 to 32.'
        $list.Count | Should -Be 0
    }

    It 'takes effect on a listener that is listening' {
        $list = New-SocketBlockList
        $listener = New-TcpSocketListener 0 127.0.0.1 -BlockList $list
        try {
            $first = Connect-TcpSocket 127.0.0.1 $listener.LocalPort -LocalAddress 127.0.0.5
            ($listener | Receive-SocketConnection -Timeout 10).Dispose()
            Add-SocketBlockListRule $list -Subnet 127.0.0.4/30
            $second = Connect-TcpSocket 127.0.0.1 $listener.LocalPort -LocalAddress 127.0.0.5
            $listener | Receive-SocketConnection -Timeout 0.2 -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            $second | Receive-SocketData -Timeout 10 | Should -BeNullOrEmpty -Because 'it was closed'
        } finally {
            $first, $second, $listener | Close-Socket
        }
    }
}
