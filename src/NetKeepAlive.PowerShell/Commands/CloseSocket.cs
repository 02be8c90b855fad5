using System.Management.Automation;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Close-Socket: closes sockets and listeners.</summary>
[Cmdlet(VerbsCommon.Close, "Socket")]
[OutputType(typeof(void))]
public sealed class CloseSocket : NetKeepAliveCmdlet
{
    /// <summary>What holds the socket.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [AllowNull]
    public object?[]? InputObject { get; set; }

    /// <summary>Closes a TCP connection with a reset.</summary>
    [Parameter]
    public SwitchParameter Reset { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (object? item in InputObject ?? [null])
        {
            Attempt(item, () => SocketCloser.Close(Unwrap(item), Reset));
        }
    }
}
