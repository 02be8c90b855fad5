@{
    Name        = 'first command'
    Unit        = 'new pwsh that list a port / s'
    Contestants = [ordered]@{
        NetKeepAlive  = { Measure-PowerShell first-command listing }
        'pwsh -c 1'   = { Measure-PowerShell first-command nothing }
    }
    Bars        = @{ 'pwsh -c 1' = 0.83 }
}
