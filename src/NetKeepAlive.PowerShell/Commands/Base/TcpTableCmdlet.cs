using System.Management.Automation;
using NetKeepAlive.Interop.Netlink;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Asks the kernel's table of TCP sockets about each connection that it is given.</summary>
public abstract class TcpTableCmdlet : NetKeepAliveCmdlet
{
    private DiagSocket? _diag;

    /// <summary>What holds the socket, or a row of Get-TcpConnection.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("Socket")]
    [AllowNull]
    public object? InputObject { get; set; }

    /// <summary>The way to the kernel, opened for the first that needs it.</summary>
    private protected DiagSocket Diag => _diag ??= new DiagSocket();

    /// <inheritdoc/>
    protected sealed override void ProcessRecord()
    {
        foreach (object? item in Many(InputObject))
        {
            Attempt(item, () => Process(Unwrap(item)));
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _diag?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Does it for one.</summary>
    /// <param name="holder">What holds the socket, or the row.</param>
    private protected abstract void Process(object? holder);
}
