<#
.SYNOPSIS
    Tells who uses a socket: a port, or the path of a Unix socket.
.DESCRIPTION
    Of a port: who listens, and who of this machine is connected to it, over TCP and UDP. Of a path or an abstract name
    (@name): who listens, and which processes are at the other ends. As root it sees everybody's.
.EXAMPLE
    ./Get-SocketUser.ps1 5432
.EXAMPLE
    ./Get-SocketUser.ps1 /run/docker.sock
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory, Position = 0)]
    [string]$Socket
)

Import-Module NetKeepAlive -ErrorAction SilentlyContinue
function Select-User($Role, $Row, $Id = $Row.OwningProcess, $Name = $Row.OwningProcessName) {
    [pscustomobject]@{ Role = $Role; Process = $Name; Id = $Id; Socket = "$Row" }
}

if ($Socket -match '^\d+$') {
    foreach ($row in Get-TcpConnection -LocalPort $Socket -State Listen) {
        Select-User 'listens' $row
    }
    foreach ($row in Get-TcpConnection -RemotePort $Socket -State Established) {
        Select-User 'is connected' $row
    }
    foreach ($row in Get-UdpEndpoint -LocalPort $Socket) {
        Select-User 'receives' $row
    }
} else {
    foreach ($row in Get-UnixSocket $Socket) {
        if ($row.State -ne 'Established') {
            Select-User ($row.State -eq 'Listen' ? 'listens' : 'receives') $row
        } else {
            Select-User 'is connected' $row $row.PeerProcess $row.PeerProcessName
        }
    }
}
