# Server and client are processes of their own, so unpinned.
@{
    Name        = 'server, line'
    Unit        = 'lines there and back on one connection / s'
    Contestants = [ordered]@{
        'Start-SocketServer' = { $pin = @(); Measure-PowerShell server line }
        'Node net'           = { $pin = @(); Measure-Node server line }
        'a command a line'   = { $pin = @(); Measure-PowerShell server loop }
    }
    Bars        = @{ 'Node net' = 0.7 }
}
