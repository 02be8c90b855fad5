using System.Collections.Generic;
using System.Management.Automation;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>New-TcpSocketListener: listens for TCP connections on a port of its own.</summary>
[Cmdlet(VerbsCommon.New, "TcpSocketListener")]
[OutputType(typeof(SocketListener))]
public sealed class NewTcpSocketListener : TcpListenerCmdlet
{
    private protected override IEnumerable<SocketListener> Listen(TcpListenerOptions options) =>
        [TcpListeners.Listen(Address, Port, options)];
}
