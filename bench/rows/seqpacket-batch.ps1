@{
    Name        = 'seqpacket-batch'
    Unit        = '64 B, 50 a system call, one thread / s'
    Contestants = [ordered]@{
        Core          = { Measure-Core message-batch seqpacket }
        'C unbatched' = { Measure-C message seqpacket }
    }
    Bars        = @{ 'C unbatched' = 1.15 }
}
