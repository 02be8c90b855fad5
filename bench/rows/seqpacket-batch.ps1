@{
    Name        = 'seqpacket-batch'
    Unit        = '64 B, 50 a system call, one thread / s'
    Contestants = [ordered]@{
        Core                          = { Measure-Core message-batch seqpacket }
        'C unbatched'                 = { Measure-C message seqpacket }
        'C batched'                   = { Measure-C message seqpacket, 64, batched }
        'C batched, threaded'         = { Measure-C message seqpacket, 64, batched, threaded }
        'C batched, threaded, marked' = { Measure-C message seqpacket, 64, batched, threaded, marked }
    }
    Bars        = @{ 'C batched, threaded, marked' = 0.97 }
}
