@{
    Name        = '200,000 sockets'
    Unit        = 'listings of 200,000 sockets in eleven processes / s'
    Contestants = [ordered]@{
        Cmdlet     = { Measure-PowerShell tables tcp, 200000, 11, all, cmdlet }
        'ss -tnop' = { Measure-PowerShell tables tcp, 200000, 11, all, ss }
        'ss -tno'  = { Measure-PowerShell tables tcp, 200000, 11, all, 'ss without owners' }
    }
    Bars        = @{ 'ss -tnop' = 20 }
}
