#Requires -Version 7.4
<#
.SYNOPSIS
    Builds, tests, packages and shows NetKeepAlive.
.DESCRIPTION
    Build     the module, ready to import from this folder: Import-Module ./NetKeepAlive.psd1
    Test      every suite, against what Package would publish; the last line counts them
    Analyze   dotnet format over the C#, PSScriptAnalyzer over the scripts and the manifest
    Help      the help files in en-US/ from docs/help/en-US/
    Package   artifacts/NetKeepAlive/ (the module's folder) and artifacts/NetKeepAlive.<version>.nupkg
    Demo      the module's main job, in 10 to 35 seconds
    Bench     the benchmarks, beside C and the Node packages
    Partners  installs the programs that the tests talk to (tests/partners.txt; Debian or Ubuntu, root)
    Release   packages, looks at the package as a user would, and publishes it; with -WhatIf all but the last
    Clean     removes what the others made
.EXAMPLE
    ./build.ps1 -Task Test
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [ValidateSet('Build', 'Test', 'Analyze', 'Help', 'Package', 'Demo', 'Bench', 'Partners', 'Release', 'Clean')]
    [string]$Task = 'Build',

    # Test: only the Pester files whose names match. Bench: only the rows whose names match.
    [string]$Filter = '*',

    # Test: the module that artifacts/NetKeepAlive already holds, built elsewhere.
    [switch]$Prebuilt,

    # Test: also tells how many of the core's lines its own tests ran.
    [switch]$Coverage
)

$ErrorActionPreference = 'Stop'
# -WhatIf is about publishing: what a task makes on the way is made.
$whatIf = $WhatIfPreference
$WhatIfPreference = $false
$root = $PSScriptRoot
$artifacts = Join-Path $root 'artifacts'
$staged = Join-Path $artifacts 'NetKeepAlive'
$env:DOTNET_CLI_TELEMETRY_OPTOUT = '1'
$env:DOTNET_NOLOGO = '1'

function Invoke-DotNet {
    dotnet @args
    if ($LASTEXITCODE -ne 0) {
        throw "dotnet $($args -join ' ') ended with code $LASTEXITCODE."
    }
}

# The module where it is installed at a fitting version, else from the PowerShell Gallery as requirements.psd1 pins it.
function Import-Tool([string]$Name) {
    [version]$wanted = (Import-PowerShellDataFile (Join-Path $root 'requirements.psd1'))[$Name]
    $fits = { $_.Version.Major -eq $wanted.Major }
    if (-not (Get-Module $Name -ListAvailable | Where-Object $fits)) {
        Write-Host "Installing $Name $wanted from the PowerShell Gallery."
        if (Get-Command Install-PSResource -ErrorAction Ignore) {
            Install-PSResource $Name -Version $wanted -TrustRepository -Scope CurrentUser
        } elseif (Get-Command Install-Module -ErrorAction Ignore) {
            Install-Module $Name -RequiredVersion $wanted -Scope CurrentUser -Force -SkipPublisherCheck
        } else {
            throw "$Name is not installed, and there is neither Install-PSResource nor Install-Module to get it."
        }
    }
    $found = Get-Module $Name -ListAvailable | Where-Object $fits | Sort-Object Version -Descending | Select-Object -First 1
    Import-Module $found -Global
}

# Pester as the package that the lock file names, from the feed that the SDK uses; else as any other tool.
function Import-Pester {
    $project = Join-Path $root 'tests/pester/Modules.csproj'
    $words = dotnet restore $project --locked-mode -v quiet
    if ($LASTEXITCODE -eq 0) {
        Import-Module (Join-Path (dotnet msbuild $project -getProperty:PkgPester) 'tools/Pester.psd1') -Global
    } else {
        Write-Warning "Pester could not be restored as a package: $words"
        Import-Tool Pester
    }
}

function Build-Assembly {
    Invoke-DotNet build (Join-Path $root 'src/NetKeepAlive.PowerShell') -c Release -v quiet '-clp:NoSummary'
    $built = Join-Path $root 'src/NetKeepAlive.PowerShell/bin/Release/net8.0'
    foreach ($name in 'NetKeepAlive.dll', 'NetKeepAlive.PowerShell.dll') {
        # Through a new file: one that is loaded by a running pwsh must not change under it.
        $target = Join-Path $root "module/$name"
        Remove-Item $target -ErrorAction Ignore
        Copy-Item (Join-Path $built $name) $target
    }
}

function Build-Help {
    $source = Join-Path $root 'docs/help'
    $target = Join-Path $root 'en-US'
    Remove-Item $target -Recurse -ErrorAction Ignore
    $null = New-Item $target -ItemType Directory
    Copy-Item (Join-Path $source 'en-US/about_*.help.txt') $target
    & (Join-Path $source 'ConvertTo-Maml.ps1') -Path (Join-Path $source 'en-US/*-*.md') -Destination (Join-Path $target 'NetKeepAlive.PowerShell.dll-Help.xml')
}

function New-StagedModule {
    Remove-Item $staged -Recurse -ErrorAction Ignore
    $null = New-Item (Join-Path $staged 'module') -ItemType Directory
    foreach ($file in 'NetKeepAlive.psd1', 'LICENSE', 'CHANGELOG.md') {
        Copy-Item (Join-Path $root $file) $staged
    }
    # What its links lead to is not in the package.
    $manifest = Import-PowerShellDataFile (Join-Path $root 'NetKeepAlive.psd1')
    $pages = "$($manifest.PrivateData.PSData.ProjectUri)/raw/v$($manifest.ModuleVersion)"
    (Get-Content (Join-Path $root 'README.md') -Raw) -replace '(?<=\!\[[^\]]*\]\()(?!https?:|#)', "$pages/" -replace '(?<=\]\()(?!https?:|#)', "$($pages -replace '/raw/', '/blob/')/" |
        Set-Content (Join-Path $staged 'README.md') -NoNewline
    $null = New-Item (Join-Path $staged 'examples') -ItemType Directory
    Copy-Item (Join-Path $root 'examples/*.ps1') (Join-Path $staged 'examples')
    Copy-Item (Join-Path $root 'module/*') (Join-Path $staged 'module') -Include '*.dll', '*.ps1xml'
    Copy-Item (Join-Path $root 'en-US') $staged -Recurse
}

function New-NuGetPackage {
    $manifest = Import-PowerShellDataFile (Join-Path $root 'NetKeepAlive.psd1')
    # None of another version stays beside it.
    Remove-Item (Join-Path $artifacts 'NetKeepAlive.*')
    $nuspec = Join-Path $artifacts 'NetKeepAlive.nuspec'
    @"
<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
  <metadata>
    <id>NetKeepAlive</id>
    <version>$($manifest.ModuleVersion)</version>
    <authors>$($manifest.Author)</authors>
    <license type="expression">MIT</license>
    <readme>README.md</readme>
    <projectUrl>$($manifest.PrivateData.PSData.ProjectUri)</projectUrl>
    <description>$([Security.SecurityElement]::Escape($manifest.Description))</description>
    <tags>PSModule PSEdition_Core $($manifest.PrivateData.PSData.Tags -join ' ')</tags>
  </metadata>
  <files>
    <file src="NetKeepAlive/**" target="" />
  </files>
</package>
"@ | Set-Content $nuspec
    # NU5100, NU5110, NU5111: a module's assemblies and examples lie where PowerShell looks for them, not in lib/.
    Invoke-DotNet pack (Join-Path $root 'src/NetKeepAlive') -c Release -v quiet --no-build '-p:NoWarn=NU5100%3BNU5110%3BNU5111' "-p:NuspecFile=$nuspec" "-p:NuspecBasePath=$artifacts" -o $artifacts
    Remove-Item $nuspec
}

# How many of the lines that somebody wrote were run, in percent. A line that several classes of the report share counts
# once.
function Measure-Coverage([string]$Results) {
    $reports = Get-ChildItem $Results -Recurse -Filter 'coverage.cobertura.xml'
    if (-not $reports) {
        throw 'The core''s tests left no report of what they ran.'
    }
    [xml]$report = Get-Content $reports[0] -Raw
    $lines = @{}
    foreach ($class in $report.SelectNodes('//package[@name="NetKeepAlive"]//class')) {
        if ($class.filename -match '(^|/)obj/') {
            continue
        }
        foreach ($line in $class.SelectNodes('lines/line')) {
            $lines["$($class.filename):$($line.number)"] += [long]$line.hits
        }
    }
    100.0 * @($lines.Values -gt 0).Count / $lines.Count
}

# Each suite answers with how many passed, failed and were skipped, and why. What a run of the core's tests left:
function Read-CoreResult([string]$Name, [string]$Suite) {
    $file = Join-Path $artifacts "core-tests/$Name.trx"
    if (-not (Test-Path $file)) {
        throw "The core's tests ($Name) did not run."
    }
    [xml]$trx = Get-Content $file -Raw
    $counters = $trx.TestRun.ResultSummary.Counters
    $passed = [int]$counters.passed
    $failed = [int]$counters.failed + [int]$counters.error + [int]$counters.timeout + [int]$counters.aborted
    # What is for another platform is no part of this run; what could have run here and did not was skipped.
    $why = $trx.TestRun.Results.UnitTestResult | Where-Object outcome -EQ NotExecuted |
        ForEach-Object { "$($_.testName): $($_.Output.StdOut ?? $_.Output.ErrorInfo.Message)" } |
        Where-Object { $_ -notmatch ': (Linux only|macOS only|not an option of this platform|the headers here are not)' }
    [pscustomobject]@{ Suite = $Suite; Passed = $passed; Failed = $failed; Skipped = @($why).Count; Why = @($why) }
}

function Invoke-CoreTest([string]$Name, [string]$Suite, [string[]]$Option) {
    dotnet test (Join-Path $root 'tests/NetKeepAlive.Tests') -c Release -v quiet --logger "trx;LogFileName=$Name.trx" --results-directory (Join-Path $artifacts 'core-tests') @Option | Out-Host
    Read-CoreResult $Name $Suite
}

function Test-Core {
    Remove-Item (Join-Path $artifacts 'core-tests') -Recurse -ErrorAction Ignore
    Invoke-CoreTest core 'The core on the .NET of the SDK' @(if ($Coverage) { '--collect', 'XPlat Code Coverage' })
    if ($Coverage) {
        $percent = (Measure-Coverage (Join-Path $artifacts 'core-tests')).ToString('0.0', [cultureinfo]::InvariantCulture)
        Write-Host "Line coverage of the core: $percent %"
    }
}

# The same tests on the oldest .NET that the module runs on, which they bring along. Built beside the others: nothing of
# theirs changes.
function Test-OldestRuntime {
    $folder = Join-Path $artifacts 'oldest-runtime'
    $build = (Join-Path $root 'tests/NetKeepAlive.Tests'), '-p:OldestRuntime=true', '--artifacts-path', "$folder/obj", '-v', 'quiet'
    $words = dotnet restore @build
    if ($LASTEXITCODE -ne 0) {
        Write-Host "Skipped: the core on .NET 8.0, whose runtime could not be had: $words"
        return
    }
    # What the analyzers say was said by the first build.
    Invoke-DotNet publish @build --no-restore -c Release '-p:RunAnalyzers=false' -o "$folder/bin" | Out-Host
    & "$folder/bin/NetKeepAlive.Tests" -noLogo -noColor -trx (Join-Path $artifacts 'core-tests/oldest-runtime.trx') |
        Select-String '\[FAIL\]' -Context 0, 12 | Out-Host
    Read-CoreResult oldest-runtime 'The core on .NET 8.0'
}

# The same tests, against macOS's socket calls on Linux: tests/simulator/darwin.c.
function Test-Darwin {
    if (-not $IsLinux -or -not (Get-Command cc -CommandType Application -ErrorAction Ignore)) {
        Write-Host 'Skipped: the simulator of macOS needs Linux and a C compiler (cc).'
        return
    }
    $env:NETKEEPALIVE_SIMULATE_DARWIN = '1'
    try {
        Invoke-CoreTest darwin 'The core on the simulator of macOS'
    } finally {
        $env:NETKEEPALIVE_SIMULATE_DARWIN = $null
    }
}

function Test-Cmdlet {
    Import-Pester
    # The tests run as users do, for whom an error does not end a script.
    $ErrorActionPreference = 'Continue'
    $files = Get-ChildItem (Join-Path $root 'tests/pester/*.Tests.ps1') | Where-Object Name -Like $Filter
    if (-not $files) {
        throw "No file of tests/pester is called '$Filter'. Give a pattern, as in -Filter 'Send-*'."
    }
    $env:NETKEEPALIVE_MANIFEST = Join-Path $staged 'NetKeepAlive.psd1'
    $configuration = New-PesterConfiguration -Hashtable @{
        Run    = @{ Path = @($files.FullName); PassThru = $true }
        Output = @{ Verbosity = 'Normal' }
    }
    $run = Invoke-Pester -Configuration $configuration
    if (-not $run) {
        throw 'The cmdlets'' tests did not run to their end.'
    }
    # By itself: a message that XML cannot hold must not cost the counts.
    $report = Join-Path $artifacts 'cmdlet-tests/cmdlets.xml'
    try {
        $null = New-Item (Split-Path $report) -ItemType Directory -Force
        $run | Export-NUnitReport -Path $report
    } catch {
        Write-Warning "The results could not be written to ${report}: $_"
    }
    $failed = $run.FailedCount + $run.FailedBlocksCount + $run.FailedContainersCount
    [pscustomobject]@{
        Suite   = 'The cmdlets'
        Passed  = $run.PassedCount
        Failed  = $failed
        Skipped = $run.SkippedCount + $run.NotRunCount
        Why     = @($run.Skipped | ForEach-Object { "$($_.ExpandedPath): $($_.ErrorRecord.Exception.Message -join ' ')" })
    }
}

function Invoke-Analysis {
    Import-Tool PSScriptAnalyzer
    $settings = Join-Path $root 'PSScriptAnalyzerSettings.psd1'
    Get-ChildItem $root -Recurse -Include '*.ps1', '*.psm1', '*.psd1' |
        Where-Object FullName -NotMatch '/(artifacts|bin|obj|node_modules)/' |
        ForEach-Object {
            # The analyzer's own rules now and then fail each other with a NullReferenceException: ask again.
            for ($try = 1; ; $try++) {
                try {
                    Invoke-ScriptAnalyzer $_.FullName -Settings $settings -ErrorAction Stop
                    break
                } catch [System.NullReferenceException] {
                    if ($try -eq 5) {
                        throw
                    }
                }
            }
        }
}

switch ($Task) {
    'Build' {
        Build-Assembly
        Build-Help
        Write-Host 'Built. Import-Module ./NetKeepAlive.psd1 loads it.'
    }
    'Help' {
        Build-Help
    }
    'Package' {
        Build-Assembly
        Build-Help
        New-StagedModule
        New-NuGetPackage
        Get-ChildItem $artifacts -Filter 'NetKeepAlive*' | ForEach-Object { Write-Host $_.FullName }
    }
    'Test' {
        if (-not $Prebuilt) {
            Build-Assembly
            Build-Help
            New-StagedModule
        }
        $suites = @()
        if ($Filter -eq '*' -or $Coverage) {
            $suites += Test-Core
        }
        if ($Filter -eq '*') {
            $suites += Test-OldestRuntime
            $suites += Test-Darwin
        }
        $suites += Test-Cmdlet
        $suites.Why | Where-Object { $_ } | ForEach-Object { Write-Host "Skipped: $_" }
        $suites | Where-Object Suite | ForEach-Object { Write-Host "$($_.Suite): $($_.Passed) passed, $($_.Failed) failed, $($_.Skipped) skipped" }
        $sum = $suites | Measure-Object Passed, Failed, Skipped -Sum
        Write-Host ('{0} passed, {1} failed, {2} skipped' -f $sum.Sum)
        exit [int]($sum[1].Sum -gt 0)
    }
    'Analyze' {
        # Its third part, the analyzers, runs in every build.
        $formatted = $true
        foreach ($part in 'whitespace', 'style') {
            dotnet format $part (Join-Path $root 'NetKeepAlive.slnx') --verify-no-changes
            $formatted = $formatted -and $LASTEXITCODE -eq 0
        }

        $findings = @(Invoke-Analysis)
        $findings | Format-Table Severity, RuleName, ScriptName, Line, Message -Wrap | Out-Host
        exit [int]($findings.Count -gt 0 -or -not $formatted)
    }
    'Demo' {
        Build-Assembly
        & (Join-Path $root 'examples/Show-DeadPeer.ps1')
    }
    'Bench' {
        Build-Assembly
        & (Join-Path $root 'bench/bench.ps1') -Row $Filter
    }
    'Partners' {
        & (Join-Path $root 'build.sh') Partners
        exit $LASTEXITCODE
    }
    'Release' {
        & $PSCommandPath -Task Package
        & (Join-Path $root 'build/Publish-Release.ps1') -WhatIf:$whatIf
    }
    'Clean' {
        foreach ($path in 'artifacts', 'en-US', 'bench/build', 'bench/node/node_modules') {
            Remove-Item (Join-Path $root $path) -Recurse -Force -ErrorAction Ignore
        }
        Remove-Item (Join-Path $root 'module/*.dll')
        Get-ChildItem $root -Recurse -Directory -Include 'bin', 'obj' |
            Where-Object { Test-Path (Join-Path $_.Parent.FullName '*.csproj') } |
            Remove-Item -Recurse -Force
    }
}
