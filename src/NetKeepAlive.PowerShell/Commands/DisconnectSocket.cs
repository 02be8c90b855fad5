using System.Management.Automation;
using System.Net.Sockets;
using NetKeepAlive.Holders;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>The directions of a connection.</summary>
public enum SocketDirection
{
    /// <summary>What this side sends.</summary>
    Send,

    /// <summary>What this side receives.</summary>
    Receive,

    /// <summary>Both.</summary>
    Both,
}

/// <summary>Disconnect-Socket: ends one direction of a connection, or both, and leaves the socket open.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "Socket")]
[OutputType(typeof(void))]
public sealed class DisconnectSocket : TcpTableCmdlet
{
    /// <summary>What ends.</summary>
    [Parameter]
    public SocketDirection Direction { get; set; } = SocketDirection.Send;

    private protected override void Process(object? holder) => SocketCloser.Shutdown(holder, Direction switch
    {
        SocketDirection.Receive => SocketShutdown.Receive,
        SocketDirection.Both => SocketShutdown.Both,
        _ => SocketShutdown.Send,
    });
}
