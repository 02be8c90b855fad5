BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-TestModule
    $commands = Get-Command -Module NetKeepAlive
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-TestModule
    $root = Join-Path $PSScriptRoot '../..'
    $common = [System.Management.Automation.PSCmdlet]::CommonParameters + [System.Management.Automation.PSCmdlet]::OptionalCommonParameters
}

Describe 'The module' {
    It 'has a valid manifest' {
        $manifest = Test-ModuleManifest (Get-TestManifest)
        $manifest.ExportedCommands.Keys | Should -Not -BeNullOrEmpty
    }

    It 'exports the cmdlets that its assembly has, each named in the manifest' {
        $types = [NetKeepAlive.PowerShell.Commands.NetKeepAliveCmdlet].Assembly.GetExportedTypes() |
            Where-Object { $_.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $false) }
        $exported = (Get-Command -Module NetKeepAlive).ImplementingType
        $types | Where-Object { $_ -notin $exported } | Should -BeNullOrEmpty
    }

    It 'has a README whose links lead somewhere, in the clone and in the package' {
        $links = { param($file) [regex]::Matches((Get-Content $file -Raw), '\]\(([^)#]+)[^)]*\)').ForEach({ $_.Groups[1].Value }) }
        foreach ($link in (& $links "$root/README.md") -notmatch '^https?:') {
            Test-Path (Join-Path $root $link) | Should -BeTrue -Because $link
        }
        $package = Split-Path (Get-TestManifest)
        if (-not (Test-Path "$package/build.ps1")) {
            & $links "$package/README.md" | Where-Object { $_ -notmatch '^https://' } | Should -BeNullOrEmpty
        }
    }

    It 'is installed from a folder repository' {
        # In a home of its own, whose list of repositories and modules it is.
        $manifest = Get-TestManifest
        $places = '-u', 'XDG_DATA_HOME', '-u', 'XDG_CONFIG_HOME', "HOME=$TestDrive"
        $null = New-Item "$TestDrive/shared", "$TestDrive/.local/share" -ItemType Directory
        $script = @(
            "Register-PSResourceRepository Shared -Uri '$TestDrive/shared' -Trusted"
            "Publish-PSResource -Path '$(Split-Path $manifest)' -Repository Shared"
            'Install-PSResource NetKeepAlive -Repository Shared'
            'Import-Module NetKeepAlive'
            '(Get-Module NetKeepAlive).ModuleBase; (Get-Help Set-TcpKeepAlive).Synopsis; $Error'
        ) -join '; '
        $lines = env @places @(Get-TestPwsh) -NoProfile -NonInteractive -Command $script 2>&1
        $lines[0] | Should -Be "$TestDrive/.local/share/powershell/Modules/NetKeepAlive/$((Import-PowerShellDataFile $manifest).ModuleVersion)"
        $lines[1] | Should -BeLike 'Turns TCP keep-alive on*'
        $lines.Count | Should -Be 2
    }

    It 'brings no assembly but its own' {
        $folder = Join-Path (Split-Path (Get-TestManifest)) 'module'
        (Get-ChildItem $folder -Filter *.dll).Name | Should -Be 'NetKeepAlive.dll', 'NetKeepAlive.PowerShell.dll'
    }

    It 'is clean by PSScriptAnalyzer' {
        if (-not (Get-Module PSScriptAnalyzer -ListAvailable)) {
            Set-ItResult -Skipped -Because 'PSScriptAnalyzer is not installed'
        }
        $findings = Invoke-TestPwsh -NoLogo -NoProfile -File "$root/build.ps1" -Task Analyze
        $LASTEXITCODE | Should -Be 0 -Because ($findings -join "`n")
    }

    It 'is imported from a second folder as well, without an error' {
        $manifest = Get-TestManifest
        Copy-Item (Split-Path $manifest) "$TestDrive/copy" -Recurse
        $lines = Invoke-TestPwsh -NoProfile -NonInteractive -Command "Import-Module '$manifest'; Import-Module '$TestDrive/copy/NetKeepAlive.psd1'; `$Error.Count; (Test-IPLiteral ::1)" 2>&1
        $lines | Should -Be '0', 'True'
    }

    It 'says PlatformNotSupported in every cmdlet on a system that it does not know' {
        $answers = Invoke-TestPwsh -NoProfile -NonInteractive -File (Join-Path $PSScriptRoot 'UnknownPlatform.ps1') (Get-TestManifest)
        $answers.Count | Should -Be @(Get-Command -Module NetKeepAlive).Count
        $answers | Where-Object { $_ -notlike '* PlatformNotSupported,*' } | Should -BeNullOrEmpty
    }

    It 'has a category for every errno of its table' {
        $hidden = [System.Reflection.BindingFlags]'NonPublic, Static, Instance, Public'
        $category = [NetKeepAlive.PowerShell.Commands.NetKeepAliveCmdlet].Assembly.GetType('NetKeepAlive.PowerShell.Errors.ErrorRecords').GetMethod('CategoryOf', $hidden)
        $table = [NetKeepAlive.NetSocket].Assembly.GetType('NetKeepAlive.Interop.Errno').GetProperty('All', $hidden).GetValue($null)
        $table.Count | Should -BeGreaterThan 40
        foreach ($name in [string[]]$table.Name) {
            $category.Invoke($null, [object[]]@($name)) | Should -Not -Be NotSpecified -Because $name
        }
    }

    It 'has a table view for every type that a cmdlet emits' {
        $views = (Get-FormatData -PowerShellVersion $PSVersionTable.PSVersion).TypeNames
        foreach ($command in Get-Command -Module NetKeepAlive) {
            foreach ($type in $command.OutputType.Type | Where-Object { $_.Namespace -like 'NetKeepAlive*' }) {
                $covered = for ($t = $type; $t -and $t -ne [object]; $t = $t.BaseType) { $t.FullName }
                $covered | Where-Object { $_ -in $views } | Should -Not -BeNullOrEmpty -Because "$($command.Name) emits $type"
            }
        }
    }
}

Describe '<_.Name>' -ForEach $commands {
    BeforeAll {
        $command = $_
        $parameters = $command.Parameters.Values | Where-Object Name -NotIn $common
    }

    It 'has an approved verb and a singular noun' {
        $command.Verb | Should -BeIn (Get-Verb).Verb
        $command.Noun | Should -Not -Match '(?<!s|Thi)s$'
    }

    It 'is a sealed class, named after the cmdlet' {
        $command.ImplementingType.IsSealed | Should -BeTrue
        $command.ImplementingType.Name | Should -Be ($command.Name -replace '-')
    }

    It 'declares what it emits' {
        $declared = $command.ImplementingType.GetCustomAttributes([System.Management.Automation.OutputTypeAttribute], $true)
        $declared | Should -Not -BeNullOrEmpty
    }

    It 'asks before it changes the system' {
        if ($command.Verb -in 'Set', 'Stop', 'Remove') {
            $command.Parameters.Keys | Should -Contain 'WhatIf'
        }
    }

    It 'has switches, not bools, and singular parameter names' {
        $parameters | Where-Object { $_.ParameterType -eq [bool] } | Should -BeNullOrEmpty
        $parameters.Name | Where-Object { $_ -cmatch '[a-z]s$' -and $_ -notmatch '(Address|Process|ss)$' } | Should -BeNullOrEmpty
    }

    It 'takes durations as people write them' {
        foreach ($parameter in $parameters | Where-Object { $_.ParameterType -in [timespan], [Nullable[timespan]] }) {
            $parameter.Attributes.TypeId.Name | Should -Contain 'DurationAttribute' -Because $parameter.Name
        }
    }
}
