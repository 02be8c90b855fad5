using System;
using System.Management.Automation;
using System.Net.Sockets;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Connect-UnixSocket: connects to a Unix stream listener.</summary>
[Cmdlet(VerbsCommunications.Connect, "UnixSocket", DefaultParameterSetName = PathSet)]
[OutputType(typeof(StreamSocket))]
public sealed class ConnectUnixSocket : UnixConnectingCmdlet
{
    /// <summary>Go on sending after the peer has ended its side.</summary>
    [Parameter]
    public SwitchParameter AllowHalfOpen { get; set; }

    private protected override Func<NetSocket> Connecting(UnixAddress address) => () =>
    {
        StreamSocket socket = (StreamSocket)UnixSockets.Connect(
            SocketType.Stream, address, timeout: Timeout, cancellationToken: StopToken);
        socket.AllowHalfOpen = AllowHalfOpen;
        return socket;
    };
}
