using System.Collections.Generic;
using System.Management.Automation;
using System.Net;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>New-TcpSocketListener: listens for TCP connections on a port of its own.</summary>
[Cmdlet(VerbsCommon.New, "TcpSocketListener")]
[OutputType(typeof(SocketListener))]
public sealed class NewTcpSocketListener : TcpListenerCmdlet
{
    private protected override IEnumerable<SocketListener> Listen(IPAddress? address, TcpListenerOptions options) =>
        [TcpListeners.Listen(address, Port, options)];
}
