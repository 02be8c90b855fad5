@{
    Name        = 'Import-Module'
    Unit        = 'imports / s, each in a new pwsh'
    Contestants = [ordered]@{
        NetKeepAlive             = { Measure-PowerShell import-module NetKeepAlive }
        'one cmdlet'             = { Measure-PowerShell import-module OneCmdlet }
        'one cmdlet with a view' = { Measure-PowerShell import-module OneCmdletWithView }
    }
    Bars        = @{ 'one cmdlet' = 0.75 }
}
