<#
.SYNOPSIS
    Measures NetKeepAlive beside C and the Node packages, and prints ratios.
.DESCRIPTION
    Each row (a file in rows/) has contestants, each of which answers with one rate, higher is better. They run in turn,
    round by round, so that a machine that changes its speed changes it for all; a row shows each one's median and the
    median of the ratios within the rounds. Rates are of this machine; the ratios carry over.

    The C baselines are built with cc into build/, the Node peers installed with npm from node/package.json. A contestant
    whose tools are not here is left out and shows as "-".
.EXAMPLE
    ./bench/bench.ps1 -Row keep-alive
#>
[CmdletBinding()]
param(
    # Only the rows whose names match.
    [string]$Row = '*',

    # How many rounds; the first warms up and does not count.
    [int]$Round = 8
)

$ErrorActionPreference = 'Stop'
$build = Join-Path $PSScriptRoot 'build'
$manifest = Join-Path $PSScriptRoot '../NetKeepAlive.psd1'
$pwsh = @(& (Join-Path $PSScriptRoot '../examples/Get-PwshCommand.ps1'))

# Both ends of a one-threaded loop on one processor, where taskset can see to it.
$pin = @()
if (Get-Command taskset -CommandType Application -ErrorAction Ignore) {
    $pin = 'taskset', '-c', ([Environment]::ProcessorCount - 1)
}

function Invoke-Contestant([string[]]$Command) {
    $line = $pin + $Command
    $answer = & $line[0] $line[1..($line.Count - 1)] | Select-Object -Last 1
    if ($LASTEXITCODE -ne 0) {
        throw "$($Command -join ' ') ended with code $LASTEXITCODE."
    }
    [double]$answer
}

# What a row's contestants are made of: each answers with a rate.
function Measure-Core([string]$Name, [string[]]$Argument) {
    Invoke-Contestant (@((Join-Path $build 'core/NetKeepAlive.Bench'), $Name) + $Argument)
}

function Measure-C([string]$Name, [string[]]$Argument) {
    Invoke-Contestant (@((Join-Path $build $Name)) + $Argument)
}

function Measure-Node([string]$Name, [string[]]$Argument) {
    Invoke-Contestant (@('node', (Join-Path $PSScriptRoot "node/$Name.js")) + $Argument)
}

# A script in a pwsh of its own, which finds the module's manifest in $args[0].
function Measure-PowerShell([string]$Name, [string[]]$Argument) {
    Invoke-Contestant ($pwsh + @('-NoLogo', '-NoProfile', '-File',
            (Join-Path $PSScriptRoot "powershell/$Name.ps1"), $manifest) + $Argument)
}

function Get-Median([double[]]$Value) {
    $sorted = $Value | Sort-Object
    $sorted[[math]::Floor($sorted.Count / 2)]
}

function Format-Rate([double]$Value) {
    $Value.ToString($(if ($Value -ge 100) { 'N0' } else { 'G3' }), [cultureinfo]::InvariantCulture)
}

function Write-Row([object[]]$Cell) {
    Write-Host ('{0,-22} {1,12} {2,-24} {3,12} {4,6} {5,5} {6,-7} {7}' -f $Cell)
}

$have = @{
    C    = [bool](Get-Command cc -CommandType Application -ErrorAction Ignore)
    Node = [bool](Get-Command npm -CommandType Application -ErrorAction Ignore)
}
$null = New-Item $build -ItemType Directory -Force
foreach ($project in @{ NetKeepAlive_Bench = 'core'; OneCmdlet = 'onecmdlet' }.GetEnumerator()) {
    $source = Join-Path $PSScriptRoot ($project.Key -replace '_', '.')
    dotnet publish $source -c Release -v quiet '-clp:NoSummary' -o (Join-Path $build $project.Value) | Out-Host
    if ($LASTEXITCODE -ne 0) {
        throw "$source did not build."
    }
}
Copy-Item (Join-Path $PSScriptRoot 'OneCmdlet/*.ps*1*') (Join-Path $build 'onecmdlet')
if ($have.C) {
    foreach ($source in Get-ChildItem (Join-Path $PSScriptRoot 'c/*.c')) {
        cc -O2 -Wall -o (Join-Path $build $source.BaseName) $source.FullName -lpthread
        if ($LASTEXITCODE -ne 0) {
            throw "$($source.Name) did not compile."
        }
    }
}
if ($have.Node -and -not (Test-Path (Join-Path $PSScriptRoot 'node/node_modules'))) {
    npm install --prefix (Join-Path $PSScriptRoot 'node') --silent --no-audit --no-fund --no-package-lock | Out-Host
    $have.Node = $LASTEXITCODE -eq 0
}

Write-Row 'Row', 'Ours', 'Beside', 'Theirs', 'Ratio', 'Bar', '', 'Unit'
foreach ($file in Get-ChildItem (Join-Path $PSScriptRoot 'rows/*.ps1')) {
    $definition = & $file.FullName
    if ($definition.Name -notlike $Row) {
        continue
    }
    $names = @($definition.Contestants.Keys | Where-Object { $have[($_ -split '\W')[0]] -ne $false })
    $rates = @{}
    foreach ($name in $names) {
        $rates[$name] = [System.Collections.Generic.List[double]]::new()
    }
    for ($i = 0; $i -lt $Round; $i++) {
        foreach ($name in $names) {
            Write-Progress $definition.Name "$name, round $i" -PercentComplete (100 * $i / $Round)
            $rate = & $definition.Contestants[$name]
            if ($i -gt 0) {
                $rates[$name].Add($rate)
            }
        }
    }
    Write-Progress $definition.Name -Completed
    $ours = $names[0]
    foreach ($name in $definition.Contestants.Keys) {
        if ($name -eq $ours) {
            continue
        }
        $ratio = if ($rates[$name]) {
            Get-Median (0..($Round - 2) | ForEach-Object { $rates[$ours][$_] / $rates[$name][$_] })
        }
        $bar = $definition.Bars[$name]
        # Each as soon as it is known: a run of all takes long.
        $theirs, $shown, $verdict = '-', '-', ''
        if ($ratio) {
            $theirs = Format-Rate (Get-Median $rates[$name])
            $shown = $ratio.ToString('0.00', [cultureinfo]::InvariantCulture)
            if ($bar) {
                $verdict = $ratio -ge $bar ? 'met' : 'not met'
            }
        }
        Write-Row $definition.Name, (Format-Rate (Get-Median $rates[$ours])), $name, $theirs, $shown, $bar, $verdict, $definition.Unit
    }
}
