@{
    RootModule        = 'OneCmdlet.dll'
    ModuleVersion     = '1.0.0'
    GUID              = '0d0f7a53-52b0-4a55-9a3c-0f1f5b6f3c52'
    TypesToProcess    = @('OneCmdlet.Types.ps1xml')
    FormatsToProcess  = @('OneCmdlet.Format.ps1xml')
    CmdletsToExport   = @('Get-One')
    FunctionsToExport = @()
    AliasesToExport   = @()
    VariablesToExport = @()
}
