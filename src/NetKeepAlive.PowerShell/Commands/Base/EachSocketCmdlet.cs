using System.Management.Automation;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Does one thing to each socket or listener that it is given.</summary>
public abstract class EachSocketCmdlet : NetKeepAliveCmdlet
{
    /// <summary>What holds the socket.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("Socket", "Listener")]
    [AllowNull]
    [AllowEmptyCollection]
    public object? InputObject { get; set; }

    /// <inheritdoc/>
    protected sealed override void ProcessRecord()
    {
        foreach (object? item in Many(InputObject))
        {
            Attempt(item, () => Process(Unwrap(item)));
        }
    }

    /// <summary>Does it to one.</summary>
    /// <param name="holder">What holds the socket.</param>
    private protected abstract void Process(object? holder);
}
