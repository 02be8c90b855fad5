<#
.SYNOPSIS
    Publishes what artifacts/ holds as a release, after it has been looked at as a user would.
.DESCRIPTION
    Checks that the changelog has the version with its date, that a tag of it (where the commit has one) fits, and that
    nothing is uncommitted. Installs the package from a folder repository in a new session, uses it there and removes it.
    Writes the bill of materials (CycloneDX) and the checksums. Then publishes to the PowerShell Gallery (the key in
    PSGALLERY_API_KEY) and, where gh and GITHUB_TOKEN are there, as a release of GitHub. With -WhatIf all is done but the
    publishing, and what would be published is said.
#>
[CmdletBinding(SupportsShouldProcess)]
param()

$ErrorActionPreference = 'Stop'
# -WhatIf is about publishing: what is made on the way is made.
$WhatIfPreference = $false
$root = Split-Path $PSScriptRoot
$artifacts = Join-Path $root 'artifacts'
$staged = Join-Path $artifacts 'NetKeepAlive'
$version = (Import-PowerShellDataFile (Join-Path $staged 'NetKeepAlive.psd1')).ModuleVersion
$package = Join-Path $artifacts "NetKeepAlive.$version.nupkg"

# The notes of this version: what stands in the changelog between its heading and the next.
function Get-ReleaseNote {
    $text = Get-Content (Join-Path $root 'CHANGELOG.md') -Raw
    if ($text -notmatch "(?ms)^## \[$([regex]::Escape($version))\] - \d{4}-\d\d-\d\d\r?\n(.*?)(?=^## |\z)") {
        throw "CHANGELOG.md has no section '## [$version] - YYYY-MM-DD'."
    }
    $Matches[1].Trim()
}

function Test-Checkout {
    if (git -C $root status --porcelain) {
        throw 'There are uncommitted or untracked files. A release is made of a commit.'
    }
    $tags = @(git -C $root tag --points-at HEAD | Where-Object { $_ -like 'v*' })
    if ($tags -and "v$version" -notin $tags) {
        throw "The commit is tagged $($tags -join ', '), and the manifest says $version."
    }
    $tags -contains "v$version"
}

# As a user gets it: published to a repository, installed from there in a new session, used, removed. In a home of its
# own, whose list of repositories and modules it is.
function Test-Package {
    $scratch = Join-Path ([IO.Path]::GetTempPath()) "netkeepalive-release-$PID"
    $null = New-Item $scratch/feed, $scratch/.local/share, $scratch/.config -ItemType Directory -Force
    $use = @"
`$ErrorActionPreference = 'Stop'
Register-PSResourceRepository Release -Uri '$scratch/feed' -Trusted
Publish-PSResource -Path '$staged' -Repository Release
Install-PSResource NetKeepAlive -Repository Release
Import-Module NetKeepAlive
`$listener = New-TcpSocketListener -Address 127.0.0.1
`$client = Connect-TcpSocket 127.0.0.1 `$listener.LocalPort -DetectWithin 60
(`$client | Get-TcpKeepAlive).DetectionTime.TotalSeconds
`$client, `$listener | Close-Socket
(Get-Help Set-TcpKeepAlive).Synopsis.Length -gt 20
Set-Location (Get-Module NetKeepAlive).ModuleBase
Get-ChildItem . -Recurse -File | ForEach-Object { '  {0} {1}' -f (Resolve-Path `$_ -Relative), `$_.Length }
Set-Location /
Uninstall-PSResource NetKeepAlive
"left: `$(Get-Module NetKeepAlive -ListAvailable)"
"@
    try {
        $answer = env -u XDG_DATA_HOME -u XDG_CONFIG_HOME "HOME=$scratch" @(& (Join-Path $root 'examples/Get-PwshCommand.ps1')) -NoLogo -NoProfile -NonInteractive -Command $use 2>&1
        if ($answer[0, 1, -1] -join ' ' -ne '60 True left: ') {
            throw "The installed package does not work: $($answer -join "`n")"
        }
        Write-Host ($answer[2..($answer.Count - 2)] -join "`n")
    } finally {
        Remove-Item $scratch -Recurse -Force
    }
}

function New-BillOfMaterial {
    Push-Location $PSScriptRoot
    try {
        dotnet tool restore --tool-manifest dotnet-tools.json | Out-Null
        dotnet tool run dotnet-CycloneDX -- (Join-Path $root 'src/NetKeepAlive.PowerShell/NetKeepAlive.PowerShell.csproj') `
            --output $artifacts --filename "NetKeepAlive.$version.cdx.json" --output-format Json --exclude-dev `
            --set-name NetKeepAlive --set-version $version --set-type Library --disable-package-restore | Out-Null
        if ($LASTEXITCODE -ne 0) {
            throw 'The bill of materials could not be made.'
        }
    } finally {
        Pop-Location
    }
    Join-Path $artifacts "NetKeepAlive.$version.cdx.json"
}

$notes = Get-ReleaseNote
$tagged = Test-Checkout
Write-Host "NetKeepAlive ${version}: the package, installed from a repository of its own, holds"
Test-Package
$bill = New-BillOfMaterial
$sums = Join-Path $artifacts "NetKeepAlive.$version.sha256"
Get-FileHash $package, $bill -Algorithm SHA256 |
    ForEach-Object { "$($_.Hash.ToLowerInvariant())  $(Split-Path $_.Path -Leaf)" } | Set-Content $sums
Write-Host (Get-Content $sums -Raw)
Write-Host "Notes:`n$notes`n"

if ($PSCmdlet.ShouldProcess("NetKeepAlive $version", 'Publish to the PowerShell Gallery')) {
    if (-not $tagged) {
        throw "The commit has no tag v$version. Only a tagged commit is published."
    }
    if (-not $env:PSGALLERY_API_KEY) {
        throw 'PSGALLERY_API_KEY is not set.'
    }
    Publish-PSResource -Path $staged -Repository PSGallery -ApiKey $env:PSGALLERY_API_KEY
}
if ($PSCmdlet.ShouldProcess("v$version", 'Publish a release of GitHub with the package, its bill of materials and the checksums')) {
    $notes | gh release create "v$version" $package $bill $sums --verify-tag --title "NetKeepAlive $version" --notes-file -
}
