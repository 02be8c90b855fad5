# Every example of the help and of the README is run as it stands.
BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-TestModule
    $snippets = @(
        foreach ($command in Get-Command -Module NetKeepAlive) {
            $number = 0
            $help = Get-Help $command.Name -Full
            # Without PlatyPS the build makes no help of the cmdlets.
            if (-not $help.PSObject.Properties['examples']) {
                continue
            }
            foreach ($example in $help.examples.example) {
                $number++
                if ($example.code) {
                    @{ Name = "$($command.Name), example $number"; Code = $example.code }
                }
            }
        }
        $readme = Get-Content (Join-Path $PSScriptRoot '../../README.md') -Raw
        $number = 0
        foreach ($block in [regex]::Matches($readme, '(?ms)^```powershell\n(.*?)^```')) {
            $number++
            @{ Name = "README, block $number"; Code = $block.Groups[1].Value }
        }
    )
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-TestModule
}

Describe 'The example' {
    It '<Name> runs as it stands' -ForEach $snippets {
        # In a runspace of its own, in a folder of its own, where an error stops it.
        $folder = New-Item (Join-Path $TestDrive ([guid]::NewGuid())) -ItemType Directory
        $state = [initialsessionstate]::CreateDefault2()
        $state.ImportPSModule((Get-TestManifest))
        $shell = [powershell]::Create($state)
        try {
            $null = $shell.AddScript("Set-Location '$folder'; `$ErrorActionPreference = 'Stop'; `$ConfirmPreference = 'None'; `$WarningPreference = 'SilentlyContinue'").AddStatement().AddScript($Code)
            $run = $shell.BeginInvoke()
            if (-not $run.AsyncWaitHandle.WaitOne(30000)) {
                $shell.Stop()
                throw "It did not end within 30 s:`n$Code"
            }
            { $shell.EndInvoke($run) } | Should -Not -Throw -Because $Code
            $shell.Streams.Error | Should -BeNullOrEmpty -Because $Code
        } finally {
            $shell.Runspace.Dispose()
            $shell.Dispose()
        }
    }
}
