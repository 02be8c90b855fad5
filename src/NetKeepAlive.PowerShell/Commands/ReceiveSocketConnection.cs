using System.Management.Automation;
using NetKeepAlive.Holders;
using NetKeepAlive.Sockets;
using NetKeepAlive.Waiting;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Receive-SocketConnection: accepts connections from one listener, or from whichever of many is ready
/// first.</summary>
[Cmdlet(VerbsCommunications.Receive, "SocketConnection")]
[OutputType(typeof(StreamSocket), typeof(SeqpacketSocket))]
public sealed class ReceiveSocketConnection : FirstReadyCmdlet
{
    private int _accepted;

    /// <summary>What listens.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("InputObject", "Socket")]
    [AllowNull]
    public object?[]? Listener { get; set; }

    /// <summary>How many connections to accept in all.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; } = 1;

    private protected override bool IsDone => _accepted == Count;

    /// <inheritdoc/>
    protected override void ProcessRecord() => AddSources(Listener, SocketWrapper.ToListener);

    private protected override ReceiveStatus Receive(IWaitable source)
    {
        if (!((SocketListener)source).TryAccept(out NetSocket? socket))
        {
            return ReceiveStatus.Nothing;
        }

        _accepted++;
        WriteObject(socket);
        return ReceiveStatus.Message;
    }

    private protected override string NothingOf(int sources) =>
        $"accept: nobody connected to any of {sources} listeners";
}
