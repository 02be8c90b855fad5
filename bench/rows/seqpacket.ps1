@{
    Name        = 'seqpacket'
    Unit        = '64 B sent and received, one thread / s'
    Contestants = [ordered]@{
        Core                  = { Measure-Core message seqpacket }
        C                     = { Measure-C message seqpacket }
        'C, threaded'         = { Measure-C message seqpacket, 64, threaded }
        'C, threaded, marked' = { Measure-C message seqpacket, 64, threaded, marked }
        Node                  = { Measure-Node message seqpacket }
    }
    Bars        = @{ 'C, threaded, marked' = 1 }
}
