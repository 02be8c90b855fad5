using System.Management.Automation;
using System.Net.Sockets;
using NetKeepAlive.PowerShell.Completers;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Connect-UnixSocket: connects to a Unix stream listener.</summary>
[Cmdlet(VerbsCommunications.Connect, "UnixSocket", DefaultParameterSetName = PathSet)]
[OutputType(typeof(StreamSocket))]
public sealed class ConnectUnixSocket : WaitingCmdlet
{
    private const string PathSet = "Path";
    private const string AbstractNameSet = "AbstractName";

    /// <summary>The path where the listener listens.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>The name where the listener listens, in Linux's abstract namespace.</summary>
    [Parameter(Mandatory = true, ParameterSetName = AbstractNameSet)]
    [ArgumentCompleter(typeof(AbstractNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string? AbstractName { get; set; }

    /// <summary>Go on sending after the peer has ended its side.</summary>
    [Parameter]
    public SwitchParameter AllowHalfOpen { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Path ?? AbstractName, () =>
    {
        StreamSocket socket = (StreamSocket)UnixSockets.Connect(
            SocketType.Stream, UnixPaths.From(this, Path, AbstractName)!, timeout: Timeout, cancellationToken: StopToken);
        socket.AllowHalfOpen = AllowHalfOpen;
        WriteObject(socket);
    });
}
