BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-TestModule
    $commands = Get-Command -Module NetKeepAlive
    $hasHelp = Test-Path (Join-Path (Split-Path (Get-TestManifest)) 'en-US/NetKeepAlive.PowerShell.dll-Help.xml')
    $topics = (Get-ChildItem (Join-Path $PSScriptRoot '../../docs/help/en-US/about_*.help.txt')).Name -replace '\.help\.txt$'
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-TestModule
    $common = [System.Management.Automation.PSCmdlet]::CommonParameters + [System.Management.Automation.PSCmdlet]::OptionalCommonParameters
}

# Without PlatyPS the build makes no help of the cmdlets.
Describe 'The help of <_.Name>' -ForEach $commands -Skip:(-not $hasHelp) {
    BeforeAll {
        $command = $_
        $help = Get-Help $command.Name -Full
    }

    It 'has a synopsis and a description' {
        $help.Synopsis | Should -Not -BeNullOrEmpty
        $help.Synopsis | Should -Not -BeLike "*$($command.Name) ``[*" -Because 'that is the syntax, shown where there is no help'
        $help.description.Text | Should -Not -BeNullOrEmpty
    }

    It 'has two examples or more, each of which parses' {
        @($help.examples.example).Count | Should -BeGreaterOrEqual 2
        foreach ($example in $help.examples.example) {
            $example.code | Should -Not -BeNullOrEmpty
            $errors = $null
            $null = [System.Management.Automation.Language.Parser]::ParseInput($example.code, [ref]$null, [ref]$errors)
            $errors | Should -BeNullOrEmpty -Because $example.code
        }
    }

    It 'describes every parameter, and none that is not there' {
        $described = @{}
        foreach ($parameter in $help.parameters.parameter) {
            $described[$parameter.name] = $parameter.description.Text -join ' '
        }
        $real = $command.Parameters.Keys | Where-Object { $_ -notin $common }
        foreach ($name in $real) {
            $described[$name] | Should -Not -BeNullOrEmpty -Because "-$name"
        }
        $described.Keys | Where-Object { $_ -notin $real -and $_ -notin 'WhatIf', 'Confirm', 'ProgressAction' } | Should -BeNullOrEmpty
    }

    It 'has a link to the page online' {
        @($help.relatedLinks.navigationLink.uri) -like 'https://*' | Should -Not -BeNullOrEmpty
    }
}

Describe 'The topic <_>' -ForEach $topics {
    It 'is found by Get-Help' {
        (Get-Help $_ | Out-String) | Should -Match ($_ -replace '_', '_')
    }

    It 'fits into 80 columns' {
        $file = Join-Path $PSScriptRoot "../../docs/help/en-US/$_.help.txt"
        (Get-Content $file | Where-Object Length -GT 80) | Should -BeNullOrEmpty
    }
}
