BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-TestModule
}

Describe 'Test-IPLiteral' {
    It '<Address> is version <Version>' -ForEach @(
        @{ Address = '127.0.0.1'; Version = 4 }
        @{ Address = '0.0.0.0'; Version = 4 }
        @{ Address = '::1'; Version = 6 }
        @{ Address = '::'; Version = 6 }
        @{ Address = '::ffff:127.0.0.1'; Version = 6 }
        @{ Address = '::1%25'; Version = 6 }
        @{ Address = 'fe80::1%eth0'; Version = 6 }
        @{ Address = '127.000.000.001'; Version = 0 }
        @{ Address = '127.0.0.1/24'; Version = 0 }
        @{ Address = '[::1]'; Version = 0 }
        @{ Address = '1'; Version = 0 }
        @{ Address = ''; Version = 0 }
        @{ Address = 'localhost'; Version = 0 }
    ) {
        Test-IPLiteral $Address | Should -Be ($Version -ne 0)
        Test-IPLiteral $Address -Version 4 | Should -Be ($Version -eq 4)
        Test-IPLiteral $Address -Version 6 | Should -Be ($Version -eq 6)
    }

    It 'takes a pipeline, and null for no address' {
        '1.2.3.4', $null, [ipaddress]'::1' | Test-IPLiteral | Should -Be $true, $false, $true
    }

    It 'knows no other version' {
        { Test-IPLiteral ::1 -Version 5 } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*'
    }
}
