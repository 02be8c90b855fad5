@{
    Name        = 'Set-TcpKeepAlive'
    Unit        = 'sockets by pipeline, four knobs / s'
    Contestants = [ordered]@{
        Cmdlet                    = { Measure-PowerShell set-tcpkeepalive cmdlet }
        'SetSocketOption x4'      = { Measure-PowerShell set-tcpkeepalive pipeline }
        'the same in foreach ()' = { Measure-PowerShell set-tcpkeepalive statement }
    }
    Bars        = @{ 'SetSocketOption x4' = 1.3 }
}
