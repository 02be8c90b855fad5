@{
    Name        = 'accepts'
    Unit        = 'TCP connections accepted and closed / s'
    Contestants = [ordered]@{
        Core                     = { Measure-Core accepts }
        C                        = { Measure-C accepts }
        'C, threaded'            = { Measure-C accepts threaded }
        'C, threaded, stoppable' = { Measure-C accepts threaded, stoppable }
        Node                     = { Measure-Node accepts }
    }
    Bars        = @{ 'C, threaded' = 0.95; Node = 1.5 }
}
