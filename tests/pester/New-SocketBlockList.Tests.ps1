BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-TestModule
}

Describe 'New-SocketBlockList' {
    It 'makes an empty list' {
        $list = New-SocketBlockList
        $list | Should -BeOfType NetKeepAlive.SocketBlockList
        $list.Count | Should -Be 0
        Test-SocketBlockList $list 127.0.0.1 | Should -BeFalse
    }

    It 'takes addresses, ranges and subnets at once, and lists them as they were written' {
        $list = New-SocketBlockList -Address 1.2.3.4, ([ipaddress]'::5') -Range '10.0.0.1-10.0.0.9' -Subnet '10.1.0.0/16', '2001:db8::/32'
        $list.Rules | Should -Be '1.2.3.4', '::5', '10.0.0.1-10.0.0.9', '10.1.0.0/16', '2001:db8::/32'
        $list.Count | Should -Be 5
    }

    It 'makes no list of <Rule>: without a rule it would let in whom it was to keep out' -ForEach @(
        @{ Rule = '10.0.0.9-10.0.0.1'; Parameter = 'Range'; Words = '*reversed*' }
        @{ Rule = '10.0.0.1-::1'; Parameter = 'Range'; Words = '*two families*' }
        @{ Rule = '10.0.0.1'; Parameter = 'Range'; Words = '*no range*' }
        @{ Rule = '10.0.0.0/33'; Parameter = 'Subnet'; Words = '*0 to 32*' }
        @{ Rule = '::/129'; Parameter = 'Subnet'; Words = '*0 to 128*' }
        @{ Rule = '10.0.0.0'; Parameter = 'Subnet'; Words = '*no subnet*' }
    ) {
        $arguments = @{ $Parameter = @($Rule) }
        $list = $failure = $null
        try {
            $list = New-SocketBlockList @arguments -Address 9.9.9.9 -ErrorAction SilentlyContinue
        } catch {
            $failure = $_
        }
        $list | Should -BeNullOrEmpty
        $failure.FullyQualifiedErrorId | Should -BeLike 'EINVAL,*'
        $failure.TargetObject | Should -Be $Rule
        $failure.Exception.Message | Should -BeLike "-${Parameter}: $Words"
        $failure.Exception.Message | Should -Not -Match '\(Parameter'
    }

    It 'makes no list of an unset variable among the rules of -<_>' -ForEach 'Address', 'Range', 'Subnet' {
        $rules = @{ Address = $null, '1.2.3.4'; Range = '10.0.0.1-10.0.0.9', $null; Subnet = $null, '10.0.0.0/8' }
        $arguments = @{ $_ = $rules[$_] }
        { New-SocketBlockList @arguments } | Should -Throw "*null*"
    }

    It 'refuses what is no address: <_>' -ForEach '1', '127.000.000.001', '[::1]', '10.0.0.0/8', 'localhost' {
        { New-SocketBlockList -Address $_ } | Should -Throw -ErrorId 'ParameterArgumentTransformationError,*'
    }

    It 'shows a short table' {
        $text = New-SocketBlockList -Address 1.1.1.1, 2.2.2.2, 3.3.3.3, 4.4.4.4, 5.5.5.5, 6.6.6.6 | Format-Table | Out-String -Width 80
        $text | Should -Match '6 1\.1\.1\.1, 2\.2\.2\.2, 3\.3\.3\.3, 4\.4\.4\.4, 5\.5\.5\.5, '
        $text | Should -Not -Match '6\.6\.6\.6'
    }
}
