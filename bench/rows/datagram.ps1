@{
    Name        = 'datagram'
    Unit        = '64 B sent and received, one thread / s'
    Contestants = [ordered]@{
        Core          = { Measure-Core message datagram }
        C             = { Measure-C message datagram }
        'C, threaded' = { Measure-C message datagram, 64, threaded }
        Node          = { Measure-Node message datagram }
    }
    Bars        = @{ 'C, threaded' = 0.95 }
}
