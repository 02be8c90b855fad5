@{
    Name        = 'keep-alive'
    Unit        = 'set interval, set probes, get both / s'
    Contestants = [ordered]@{
        Core          = { Measure-Core keep-alive }
        C             = { Measure-C keep-alive }
        'C, threaded' = { Measure-C keep-alive threaded }
        Node          = { Measure-Node keep-alive }
    }
    Bars        = @{ 'C, threaded' = 0.95 }
}
