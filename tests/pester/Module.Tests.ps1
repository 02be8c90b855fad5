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

    It 'is installed from a folder repository, used, updated and removed' {
        $package = Split-Path (Get-TestManifest)
        if (Test-Path "$package/build.ps1") {
            Set-ItResult -Skipped -Because 'the module of a checkout is no package: build.ps1 -Task Test stages one'
        }
        [version]$version = (Import-PowerShellDataFile (Get-TestManifest)).ModuleVersion
        $next = "$($version.Major).$($version.Minor + 1).0"
        Copy-Item $package "$TestDrive/next/NetKeepAlive" -Recurse
        (Get-Content "$package/NetKeepAlive.psd1" -Raw) -replace "(ModuleVersion\s*= )'.+?'", "`$1'$next'" | Set-Content "$TestDrive/next/NetKeepAlive/NetKeepAlive.psd1"
        # In a home of its own, whose list of repositories and modules it is. Where that has no .config, NuGet takes the
        # current folder for it.
        $places = '-u', 'XDG_DATA_HOME', '-u', 'XDG_CONFIG_HOME', "HOME=$TestDrive"
        $null = New-Item "$TestDrive/shared", "$TestDrive/.local/share", "$TestDrive/.config" -ItemType Directory
        $script = @"
`$ErrorActionPreference = 'Stop'
Register-PSResourceRepository Shared -Uri '$TestDrive/shared' -Trusted
Publish-PSResource -Path '$package' -Repository Shared
Install-PSResource NetKeepAlive -Repository Shared
Import-Module NetKeepAlive
(Get-Module NetKeepAlive).ModuleBase
(Get-Help Set-TcpKeepAlive).Synopsis
`$pair = New-UnixSocketPair
Send-SocketData `$pair[0] 'in use'
(Receive-SocketData `$pair[1] -MaximumLength 100).Text
`$pair | Close-Socket
Publish-PSResource -Path '$TestDrive/next/NetKeepAlive' -Repository Shared
Update-PSResource NetKeepAlive -Repository Shared
"`$((Get-Module NetKeepAlive -ListAvailable).Version | Sort-Object)"
(Get-ChildItem '$TestDrive/.local/share/powershell/Modules/NetKeepAlive/$version' -Recurse -File).FullName -replace '^.*/NetKeepAlive/$version/' -join ' '
Uninstall-PSResource NetKeepAlive -Version '*'
"left: `$(Get-Module NetKeepAlive -ListAvailable)`$(Get-ChildItem '$TestDrive/.local/share/powershell/Modules')"
"@
        $lines = @(env @places @(Get-TestPwsh) -NoProfile -NonInteractive -Command $script 2>&1)
        $lines[0] | Should -Be "$TestDrive/.local/share/powershell/Modules/NetKeepAlive/$version" -Because ($lines -join "`n")
        $lines[1] | Should -BeLike 'Turns TCP keep-alive on*'
        $lines[2] | Should -Be 'in use'
        $lines[3] | Should -Be "$version $next"
        $staged = (Get-ChildItem $package -Recurse -File).FullName -replace "^$([regex]::Escape($package))/"
        $lines[4] -split ' ' | Sort-Object | Should -Be @($staged + 'PSGetModuleInfo.xml' | Sort-Object)
        $lines[5] | Should -Be 'left: '
        $lines.Count | Should -Be 6
    }

    It 'holds in its package what a user needs, and nothing else' {
        $package = Split-Path (Get-TestManifest)
        if (Test-Path "$package/build.ps1") {
            Set-ItResult -Skipped -Because 'the module of a checkout is no package: build.ps1 -Task Test stages one'
        }
        $files = (Get-ChildItem $package -Recurse -File).FullName -replace "^$([regex]::Escape($package))/"
        $files | Where-Object { $_ -notmatch '^en-US/about_\w+\.help\.txt$|^examples/[\w.-]+\.ps1$' } | Sort-Object | Should -Be @(
            'CHANGELOG.md', 'en-US/NetKeepAlive.PowerShell.dll-Help.xml', 'LICENSE', 'module/NetKeepAlive.dll'
            'module/NetKeepAlive.Format.ps1xml', 'module/NetKeepAlive.PowerShell.dll', 'NetKeepAlive.psd1', 'README.md' | Sort-Object
        )
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

    It 'tells of its types without a word, whatever the session prefers and in whatever language' {
        $tell = {
            param($Mode)
            $initial = [initialsessionstate]::CreateDefault2()
            $initial.LanguageMode = $Mode
            foreach ($preference in @{ WhatIf = $true; Verbose = 'Continue'; Confirm = 'Low' }.GetEnumerator()) {
                $initial.Variables.Add([System.Management.Automation.Runspaces.SessionStateVariableEntry]::new("$($preference.Key)Preference", $preference.Value, ''))
            }
            $runspace = [runspacefactory]::CreateRunspace($initial)
            try {
                $runspace.Open()
                $shell = [powershell]::Create($runspace)
                $null = $shell.AddCommand('Import-Module').AddArgument((Get-TestManifest)).AddParameter('Verbose', $false).Invoke()
                $null = $shell.Commands.Clear()
                $null = $shell.AddCommand('Test-IPLiteral').AddArgument('::1').Invoke()
                $null = $shell.Commands.Clear()
                $types = $shell.AddCommand('Get-TypeData').AddParameter('TypeName', 'NetKeepAlive.*').Invoke()
                [pscustomobject]@{ Types = $types; Verbose = @($shell.Streams.Verbose) -match 'type'; Errors = $shell.Streams.Error }
            } finally {
                $runspace.Dispose()
            }
        }
        foreach ($mode in 'FullLanguage', 'ConstrainedLanguage', 'NoLanguage') {
            $told = & $tell $mode
            $told.Errors | Should -BeNullOrEmpty -Because $mode
            $told.Verbose | Should -BeNullOrEmpty -Because $mode
            $told.Types.TypeName | Should -Contain 'NetKeepAlive.TcpConnection' -Because $mode
            ($told.Types | Where-Object TypeName -EQ 'NetKeepAlive.TcpConnection').SerializationDepth | Should -Be 2 -Because $mode
        }
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

    It 'shows in its views what the types have' {
        # The first cmdlet of a session tells of the types.
        $null = Test-IPLiteral ::1
        foreach ($view in ([xml](Get-Content (Join-Path (Split-Path (Get-TestManifest)) module/NetKeepAlive.Format.ps1xml))).Configuration.ViewDefinitions.View) {
            foreach ($name in @($view.ViewSelectedBy.TypeName) -notlike 'Deserialized.*') {
                $own = @(([type]$name).GetProperties().Name; for ($type = [type]$name; $type; $type = $type.BaseType) { (Get-TypeData $type.FullName).Members.Keys })
                $view.SelectNodes('.//PropertyName').InnerText | Where-Object { $_ -and $_ -notin $own } | Should -BeNullOrEmpty -Because $name
                if ($view.ListControl -and $name -ne 'NetKeepAlive.TlsCertificate') {
                    # A list is whole, but for what is no more than a way to it or its other name.
                    $shown = $view.SelectNodes('.//ListItem') | ForEach-Object { $_.Label ?? $_.PropertyName }
                    $own | Where-Object { $_ -and $_ -notin $shown + 'Socket', 'IdleLimit' } | Should -BeNullOrEmpty -Because $name
                }
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
