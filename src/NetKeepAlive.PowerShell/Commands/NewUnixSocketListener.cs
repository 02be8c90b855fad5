using System.Management.Automation;
using System.Net.Sockets;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>New-UnixSocketListener: listens for Unix stream connections.</summary>
[Cmdlet(VerbsCommon.New, "UnixSocketListener", DefaultParameterSetName = PathSet)]
[OutputType(typeof(SocketListener))]
public sealed class NewUnixSocketListener : UnixListenerCmdlet
{
    /// <summary>Connections may go on sending after their peer has ended its side.</summary>
    [Parameter]
    public SwitchParameter AllowHalfOpen { get; set; }

    private protected override SocketType SocketType => SocketType.Stream;

    private protected override void Configure(SocketListener listener) =>
        listener.Accepted = new AcceptedSocketSettings { AllowHalfOpen = AllowHalfOpen };
}
