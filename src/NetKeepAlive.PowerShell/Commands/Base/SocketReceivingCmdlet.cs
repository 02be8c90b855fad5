using System.Management.Automation;
using NetKeepAlive.Holders;
using NetKeepAlive.Sockets;
using NetKeepAlive.Waiting;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Receives from one socket, or from whichever of many is ready first.</summary>
public abstract class SocketReceivingCmdlet : FirstReadyCmdlet
{
    /// <summary>What to receive from.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("InputObject", "Listener")]
    [AllowNull]
    public object?[]? Socket { get; set; }

    /// <inheritdoc/>
    protected sealed override void ProcessRecord() => AddSources(Socket, SocketWrapper.ToSocket);

    /// <summary>Receives from one socket what there is, without waiting, and hands it on.</summary>
    private protected abstract ReceiveStatus Receive(NetSocket socket);

    private protected sealed override ReceiveStatus Receive(IWaitable source) => Receive((NetSocket)source);

    private protected sealed override string NothingOf(int sources) =>
        $"receive: nothing on any of {sources} sockets";
}
