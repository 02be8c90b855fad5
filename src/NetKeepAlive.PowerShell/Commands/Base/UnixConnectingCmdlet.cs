using System;
using System.Management.Automation;
using NetKeepAlive.PowerShell.Input;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Connects to a Unix listener, stream or seqpacket.</summary>
public abstract class UnixConnectingCmdlet : WaitingCmdlet
{
    private protected const string PathSet = "Path";
    private protected const string AbstractNameSet = "AbstractName";

    /// <summary>The path where the listener listens.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>The name where the listener listens, in Linux's abstract namespace.</summary>
    [Parameter(Mandatory = true, ParameterSetName = AbstractNameSet)]
    [ArgumentCompleter(typeof(AbstractNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string? AbstractName { get; set; }

    /// <inheritdoc/>
    protected sealed override void ProcessRecord() => Attempt(Path ?? AbstractName, () =>
    {
        UnixAddress address = UnixPaths.From(this, Path, AbstractName)!;
        // A listener whose queue is full keeps the connection waiting.
        WriteObject(ShowProgress("Connecting", $"{address}", Timeout, Connecting(address)));
    });

    /// <summary>The work of connecting, which needs the pipeline no more.</summary>
    private protected abstract Func<NetSocket> Connecting(UnixAddress address);
}
