using System.Management.Automation;
using System.Net.Sockets;
using NetKeepAlive.PowerShell.Completers;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Connect-SeqpacketSocket: connects to a seqpacket listener.</summary>
[Cmdlet(VerbsCommunications.Connect, "SeqpacketSocket", DefaultParameterSetName = PathSet)]
[OutputType(typeof(SeqpacketSocket))]
public sealed class ConnectSeqpacketSocket : WaitingCmdlet
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

    /// <summary>A path for this side of the connection, which the listener's side then sees.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? LocalPath { get; set; }

    /// <summary>Ask the kernel who sent each message.</summary>
    [Parameter]
    public SwitchParameter PassCredential { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Path ?? AbstractName, () => WriteObject(UnixSockets.Connect(
        SocketType.Seqpacket, UnixPaths.From(this, Path, AbstractName)!, UnixPaths.FromText(this, LocalPath),
        PassCredential, Timeout, StopToken)));
}
