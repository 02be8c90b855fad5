using System.Management.Automation;
using NetKeepAlive.PowerShell.Input;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Does one thing to each socket that it is given; a row is looked up in the kernel's table of TCP
/// sockets.</summary>
public abstract class TcpTableCmdlet : NetKeepAliveCmdlet
{
    /// <summary>What holds the socket, or a row of Get-TcpConnection.</summary>
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
            if (item is not null || !TakesNull)
            {
                Attempt(item, () => Process(ConnectionRow.Resolve(item, Tables)));
            }
        }
    }

    /// <summary>Is null nothing to do, or an error?</summary>
    private protected virtual bool TakesNull => false;

    /// <summary>Does it for one.</summary>
    /// <param name="holder">What holds the socket, or the row.</param>
    private protected abstract void Process(object? holder);
}
