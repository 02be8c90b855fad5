<#
.SYNOPSIS
    Runs the demo and records what it shows as docs/demo.svg, the picture in the README.
#>
[CmdletBinding()]
param()

$ErrorActionPreference = 'Stop'
$lines = @(env @(& (Join-Path $PSScriptRoot '../examples/Get-PwshCommand.ps1')) -NoLogo -NoProfile -File (Join-Path $PSScriptRoot '../examples/Show-DeadPeer.ps1'))
if ($LASTEXITCODE -ne 0) {
    throw "The demo ended with code $LASTEXITCODE."
}
$lines = @('$ ./build.sh Demo') + $lines
$width = 40 + 8.45 * ($lines | Measure-Object Length -Maximum).Maximum
$height = 40 + 22 * $lines.Count
$svg = [System.Text.StringBuilder]::new()
$null = $svg.AppendLine("<svg xmlns=""http://www.w3.org/2000/svg"" width=""$width"" height=""$height"" role=""img"" aria-label=""The demo's timeline"">")
$null = $svg.AppendLine("  <rect width=""$width"" height=""$height"" rx=""8"" fill=""#0d1117""/>")
$null = $svg.AppendLine('  <g font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14" xml:space="preserve">')
$y = 34
foreach ($line in $lines) {
    $colour = switch -Regex ($line) {
        '^\$' { '#8b949e' }
        'cut off|gave' { '#ff7b72' }
        'probe' { '#d29922' }
        '^Predicted' { '#3fb950' }
        default { '#e6edf3' }
    }
    $null = $svg.AppendLine("    <text x=""20"" y=""$y"" fill=""$colour"">$([System.Security.SecurityElement]::Escape($line))</text>")
    $y += 22
}
$null = $svg.Append("  </g>`n</svg>")
Set-Content (Join-Path $PSScriptRoot 'demo.svg') $svg.ToString()
