# Two processes, so unpinned.
@{
    Name        = 'Receive-SocketData'
    Unit        = '-ToEnd, 512 MiB, counted, MiB / s'
    Contestants = [ordered]@{
        Cmdlet                 = { $pin = @(); Measure-PowerShell bulk receive }
        'ncat to /dev/null'    = { $pin = @(); Measure-PowerShell bulk ncat }
        'NetworkStream.CopyTo' = { $pin = @(); Measure-PowerShell bulk copyto }
    }
    Bars        = @{ 'ncat to /dev/null' = 1.2 }
}
