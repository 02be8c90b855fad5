@{
    Name        = 'accepts'
    Unit        = 'TCP connections accepted and closed / s'
    Contestants = [ordered]@{
        Core = { Measure-Core accepts }
        C    = { Measure-C accepts }
        Node = { Measure-Node accepts }
    }
    Bars        = @{ C = 0.8; Node = 1.5 }
}
