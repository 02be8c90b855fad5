# What build.ps1 installs from the PowerShell Gallery where no version of the same major number is installed.
@{
    Pester                        = '5.9.0'
    PSScriptAnalyzer              = '1.25.0'
    'Microsoft.PowerShell.PlatyPS' = '1.0.3'
}
