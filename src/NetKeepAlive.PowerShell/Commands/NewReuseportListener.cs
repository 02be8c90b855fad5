using System.Collections.Generic;
using System.Management.Automation;
using System.Net;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>New-ReuseportListener: listeners that share one port, in this process and in others.</summary>
[Cmdlet(VerbsCommon.New, "ReuseportListener")]
[OutputType(typeof(SocketListener))]
public sealed class NewReuseportListener : TcpListenerCmdlet
{
    /// <summary>How many.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int Count { get; set; } = 1;

    /// <summary>How the kernel spreads connections over them.</summary>
    [Parameter]
    public ReuseportSteering Steering { get; set; }

    private protected override IEnumerable<SocketListener> Listen(IPAddress? address, TcpListenerOptions options) =>
        TcpListeners.ListenReuseport(address, Port, Count, Steering, options);
}
