@{
    Name        = 'Set-TcpKeepAlive'
    Unit        = 'sockets by pipeline, four knobs / s'
    Contestants = [ordered]@{
        Cmdlet             = { Measure-PowerShell set-tcpkeepalive cmdlet }
        'SetSocketOption x4' = { Measure-PowerShell set-tcpkeepalive script }
    }
    Bars        = @{ 'SetSocketOption x4' = 1 }
}
