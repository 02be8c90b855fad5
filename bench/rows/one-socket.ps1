@{
    Name        = 'one of 200,000'
    Unit        = 'connections found by port, with owner / s'
    Contestants = [ordered]@{
        Cmdlet     = { Measure-PowerShell tables tcp, 200000, 11, one, cmdlet }
        'ss -tnop' = { Measure-PowerShell tables tcp, 200000, 11, one, ss }
    }
    Bars        = @{ 'ss -tnop' = 2 }
}
