@{
    Name        = 'Get-UnixSocket'
    Unit        = 'listings of 20,000 Unix sockets / s'
    Contestants = [ordered]@{
        Cmdlet   = { Measure-PowerShell tables unix, 20000, 2, all, cmdlet }
        'ss -xp' = { Measure-PowerShell tables unix, 20000, 2, all, ss }
    }
    Bars        = @{ 'ss -xp' = 5 }
}
