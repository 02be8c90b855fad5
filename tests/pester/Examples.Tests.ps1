# Every example of the help, of the README and of the documents is run as it stands, in a network namespace with nothing but lo: what an
# example does to all connections of the system must not reach those of the machine that tests it.
BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-TestModule
    $snippets = @(
        foreach ($command in Get-Command -Module NetKeepAlive) {
            $number = 0
            $help = Get-Help $command.Name -Full
            foreach ($example in $help.examples.example) {
                $number++
                if ($example.code) {
                    @{ Name = "$($command.Name), example $number"; Code = $example.code }
                }
            }
        }
        $root = Join-Path $PSScriptRoot '../..'
        foreach ($document in @(Get-Item "$root/README.md") + @(Get-ChildItem "$root/docs" -File -Filter *.md)) {
            $number = 0
            foreach ($block in [regex]::Matches((Get-Content $document -Raw), '(?ms)^```powershell\n(.*?)^```')) {
                $number++
                @{ Name = "$($document.BaseName), block $number"; Code = $block.Groups[1].Value }
            }
        }
    )
}

Describe 'The example' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
        Import-TestModule
        $namespace = @(Get-NamespaceArgument)
        $runner = $null
        if ($namespace) {
            # One pwsh runs all of them, each in a runspace of its own.
            $runner = Start-TestProcess unshare ($namespace + (Get-TestPwsh) + @('-NoLogo', '-NoProfile', '-NonInteractive', '-File', (Join-Path $PSScriptRoot 'SnippetRunner.ps1'), (Get-TestManifest), "$TestDrive"))
            $runner.StandardOutput.ReadLine() | Should -Be 'ready'
        }
    }
    AfterAll {
        Stop-TestProcess $runner
    }

    It '<Name> runs as it stands' -ForEach $snippets {
        if (-not $runner) {
            Set-ItResult -Skipped -Because 'it takes a network namespace: Linux, iproute2, and user namespaces or root'
        }
        $runner.StandardInput.WriteLine([Convert]::ToBase64String([System.Text.Encoding]::UTF8.GetBytes($Code)))
        $answer = $runner.StandardOutput.ReadLineAsync()
        $answer.Wait(150000) | Should -BeTrue -Because "it must end within 120 s:`n$Code"
        [System.Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($answer.Result)) | Should -Be 'ok' -Because $Code
    }
}
