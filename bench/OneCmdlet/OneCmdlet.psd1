@{
    RootModule        = 'OneCmdlet.dll'
    ModuleVersion     = '1.0.0'
    GUID              = '6f0c2b5e-6c1b-4b5e-8f57-3a2f0f8f6d11'
    CmdletsToExport   = @('Get-One')
    FunctionsToExport = @()
    AliasesToExport   = @()
    VariablesToExport = @()
}
