@{
    RootModule             = 'module/NetKeepAlive.PowerShell.dll'
    ModuleVersion          = '0.2.0'
    GUID                   = 'b3b1a1f4-1c0e-4f0e-9d55-6a0f7c1f2a6e'
    Author                 = 'NetKeepAlive contributors'
    CompanyName            = 'NetKeepAlive'
    Copyright              = '(c) NetKeepAlive contributors. MIT license.'
    Description            = 'TCP keep-alive on any socket and on live connections, Unix datagram and seqpacket sockets, SO_REUSEPORT listeners, and a view of every TCP connection, for Linux and macOS.'
    PowerShellVersion      = '7.4'
    CompatiblePSEditions   = @('Core')
    FormatsToProcess       = @('module/NetKeepAlive.Format.ps1xml')
    FunctionsToExport      = @()
    AliasesToExport        = @()
    VariablesToExport      = @()
    CmdletsToExport        = @(
        'Add-SocketBlockListRule'
        'Close-Socket'
        'Connect-SeqpacketSocket'
        'Connect-TcpSocket'
        'Connect-UnixSocket'
        'Disconnect-Socket'
        'Get-SocketOption'
        'Get-TcpConnection'
        'Get-TcpInfo'
        'Get-TcpKeepAlive'
        'Get-TcpKeepAlivePolicy'
        'Get-UdpEndpoint'
        'Get-UnixSocket'
        'Import-SocketHandle'
        'New-ReuseportListener'
        'New-SeqpacketListener'
        'New-SocketBlockList'
        'New-TcpKeepAlivePolicy'
        'New-TcpSocketListener'
        'New-UnixDatagramSocket'
        'New-UnixSocketListener'
        'New-UnixSocketPair'
        'Protect-Socket'
        'Receive-SocketConnection'
        'Receive-SocketData'
        'Receive-SocketHandle'
        'Remove-TcpKeepAlivePolicy'
        'Resume-Socket'
        'Send-SocketData'
        'Send-SocketHandle'
        'Set-SocketOption'
        'Set-TcpKeepAlive'
        'Set-TcpKeepAlivePolicy'
        'Start-SocketServer'
        'Stop-TcpConnection'
        'Suspend-Socket'
        'Test-IPLiteral'
        'Test-SocketBlockList'
        'Test-TcpKeepAlive'
        'Wait-TcpConnection'
        'Watch-TcpConnection'
    )
    PrivateData            = @{
        PSData = @{
            Tags         = @('TCP', 'KeepAlive', 'Socket', 'Unix', 'Network', 'Linux', 'MacOS', 'PSEdition_Core')
            ProjectUri   = 'https://github.com/netkeepalive/NetKeepAlive'
            LicenseUri   = 'https://opensource.org/license/mit'
            ReleaseNotes = 'See CHANGELOG.md.'
        }
    }
}
