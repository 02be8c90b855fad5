using System.Management.Automation;
using NetKeepAlive.Holders;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Close-Socket: closes sockets and listeners.</summary>
[Cmdlet(VerbsCommon.Close, "Socket")]
[OutputType(typeof(void))]
public sealed class CloseSocket : EachSocketCmdlet
{
    /// <summary>Closes a TCP connection with a reset.</summary>
    [Parameter]
    public SwitchParameter Reset { get; set; }

    private protected override void Process(object? holder) => SocketCloser.Close(holder, Reset);
}
