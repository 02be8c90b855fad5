<#
.SYNOPSIS
    Writes the table of cmdlets in docs/reference.md anew, from the synopsis of each help page.
#>
[CmdletBinding()]
param()

$ErrorActionPreference = 'Stop'
$rows = foreach ($page in Get-ChildItem (Join-Path $PSScriptRoot 'help/en-US') -Filter '*-*.md' | Sort-Object Name) {
    $synopsis = [regex]::Match((Get-Content $page -Raw), '(?s)## SYNOPSIS\s+(.+?)\n').Groups[1].Value.Trim()
    "| [$($page.BaseName)](help/en-US/$($page.Name)) | $($synopsis.Replace('|', '\|')) |"
}
$path = Join-Path $PSScriptRoot 'reference.md'
$text = Get-Content $path -Raw
$table = "## Cmdlets`n`n| cmdlet | what it does |`n|-|-|`n$($rows -join "`n")`n`n"
Set-Content $path ([regex]::Replace($text, '(?s)## Cmdlets\n.*?(?=## )', $table.Replace('$', '$$')).TrimEnd())
