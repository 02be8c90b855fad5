BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-TestModule
    $commands = Get-Command -Module NetKeepAlive
    $topics = (Get-ChildItem (Join-Path $PSScriptRoot '../../docs/help/en-US/about_*.help.txt')).Name -replace '\.help\.txt$'
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-TestModule
    $common = [System.Management.Automation.PSCmdlet]::CommonParameters + [System.Management.Automation.PSCmdlet]::OptionalCommonParameters
}

Describe 'The help of <_.Name>' -ForEach $commands {
    BeforeAll {
        $command = $_
        $help = Get-Help $command.Name -Full
    }

    It 'has a synopsis and a description' {
        $help.Synopsis | Should -Not -BeNullOrEmpty
        $help.Synopsis | Should -Not -BeLike "*$($command.Name) ``[*" -Because 'that is the syntax, shown where there is no help'
        $help.description.Text | Should -Not -BeNullOrEmpty
    }

    It 'has two to five examples, each of which parses' {
        @($help.examples.example).Count | Should -BeIn (2..5)
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

    It 'says of each parameter what PowerShell does: type, aliases, position, pipeline' {
        $page = Get-Content (Join-Path $PSScriptRoot "../../docs/help/en-US/$($command.Name).md") -Raw
        $pages = @{}
        foreach ($section in [regex]::Matches($page, '(?ms)^### -(\w+)$.*?^```yaml\n(.*?)^```')) {
            $pages[$section.Groups[1].Value] = $section.Groups[2].Value
        }
        foreach ($parameter in $command.Parameters.Values | Where-Object { $_.Name -notin $common -and $_.Name -notin 'WhatIf', 'Confirm' }) {
            $words = $pages[$parameter.Name]
            $type = [Nullable]::GetUnderlyingType($parameter.ParameterType) ?? $parameter.ParameterType
            $words | Should -Match "(?m)^Type: .*$([regex]::Escape($type.ToString()))" -Because "-$($parameter.Name)"
            $aliases = [regex]::Match($words, '(?ms)^Aliases:(.*?)^ParameterSets').Groups[1].Value -split '[\s\[\]-]+' -ne ''
            "$aliases" | Should -Be "$($parameter.Aliases)" -Because "-$($parameter.Name)"
            foreach ($set in $parameter.ParameterSets.GetEnumerator()) {
                $name = $set.Key -replace '^__AllParameterSets$', '(All)'
                $text = [regex]::Match($words, "(?ms)^- Name: $([regex]::Escape($name))`n(.*?)(?=^- Name|^DontShow)").Groups[1].Value
                $position = $set.Value.Position -lt 0 ? 'Named' : $set.Value.Position
                $text | Should -Match "Position: $position`n" -Because "-$($parameter.Name) of $name"
                $text | Should -Match "IsRequired: $($set.Value.IsMandatory)`n" -Because "-$($parameter.Name) of $name"
                $text | Should -Match "ValueFromPipeline: $($set.Value.ValueFromPipeline)`n" -Because "-$($parameter.Name) of $name"
                $text | Should -Match "ValueFromPipelineByPropertyName: $($set.Value.ValueFromPipelineByPropertyName)`n" -Because "-$($parameter.Name) of $name"
            }
        }
    }

    It 'has a link to the page online' {
        @($help.relatedLinks.navigationLink.uri) -like 'https://*' | Should -Not -BeNullOrEmpty
    }
}

Describe 'The markdown of the help' {
    It 'is read by PlatyPS as by the build' {
        if (-not (Get-Module Microsoft.PowerShell.PlatyPS -ListAvailable)) {
            Set-ItResult -Skipped -Because 'Microsoft.PowerShell.PlatyPS is not installed'
        }
        Import-Module Microsoft.PowerShell.PlatyPS
        foreach ($page in Import-MarkdownCommandHelp (Join-Path $PSScriptRoot '../../docs/help/en-US/*-*.md')) {
            $help = Get-Help $page.Title -Full
            $help.Synopsis | Should -Be $page.Synopsis
            $help.description.Text -join ' ' -replace '\s+', ' ' | Should -Be ($page.Description -replace '\s+', ' ')
            $help.examples.example.title | Should -Be $page.Examples.Title.ForEach({ "--------- $_ ---------" })
            ($help.parameters.parameter.name | Sort-Object) -join ' ' | Should -Be (($page.Parameters.Name | Sort-Object) -join ' ')
        }
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
