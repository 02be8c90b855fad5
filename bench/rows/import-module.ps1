@{
    Name        = 'Import-Module'
    Unit        = 'imports / s, each in a new pwsh'
    Contestants = [ordered]@{
        NetKeepAlive = { Measure-PowerShell import-module netkeepalive }
        'one cmdlet' = { Measure-PowerShell import-module onecmdlet }
    }
    # At most 1.5 times as long.
    Bars        = @{ 'one cmdlet' = 0.67 }
}
