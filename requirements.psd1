# What the build's tasks use. Pester comes from the package feed of the .NET SDK (tests/pester/Modules.csproj), the others
# from the PowerShell Gallery where no version of the same major number is installed.
@{
    Pester                        = '5.9.1'
    PSScriptAnalyzer              = '1.25.0'
    'Microsoft.PowerShell.PlatyPS' = '1.0.3'
}
