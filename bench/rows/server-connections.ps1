# Server and clients are processes of their own, so unpinned.
@{
    Name        = 'server, connections'
    Unit        = 'connections served by script, one byte echoed, 8 clients / s'
    Contestants = [ordered]@{
        'Start-SocketServer' = { $pin = @(); Measure-PowerShell server connections }
        'Node net'           = { $pin = @(); Measure-Node server connections }
    }
    Bars        = @{ 'Node net' = 0.7 }
}
