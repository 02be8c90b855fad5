using System.Management.Automation;
using NetKeepAlive.Holders;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Close-Socket: closes sockets and listeners.</summary>
[Cmdlet(VerbsCommon.Close, "Socket")]
[OutputType(typeof(void), typeof(StreamSocket), typeof(SeqpacketSocket))]
public sealed class CloseSocket : EachSocketCmdlet
{
    /// <summary>Closes a TCP connection with a reset.</summary>
    [Parameter]
    public SwitchParameter Reset { get; set; }

    /// <summary>Closes a listener and emits the connections that wait to be accepted, for the caller to serve.</summary>
    [Parameter]
    public SwitchParameter Drain { get; set; }

    private protected override void Process(object? holder)
    {
        // Nothing is nothing to close: a finally block need not ask which of its variables were set.
        if (holder is null)
        {
            return;
        }

        if (Drain)
        {
            SocketCloser.Drain(holder, WriteObject);
            return;
        }

        SocketCloser.Close(holder, Reset);
    }
}
