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
    protected sealed override void ProcessRecord() => Attempt(
        Path ?? AbstractName, () => WriteObject(Connect(UnixPaths.From(this, Path, AbstractName)!)));

    /// <summary>Connects.</summary>
    private protected abstract NetSocket Connect(UnixAddress address);
}
