using System.Management.Automation;
using NetKeepAlive.Connections;
using NetKeepAlive.Interop.Netlink;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Stop-TcpConnection: has the kernel end connections, whoever holds them.</summary>
[Cmdlet(VerbsLifecycle.Stop, "TcpConnection", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(void))]
public sealed class StopTcpConnection : NetKeepAliveCmdlet
{
    private DiagSocket? _diag;

    /// <summary>A row of Get-TcpConnection, or what holds the socket.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("Socket")]
    [AllowNull]
    public object? InputObject { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (object? item in Many(InputObject))
        {
            Attempt(item, () => End(Unwrap(item)));
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _diag?.Dispose();
        base.Dispose(disposing);
    }

    private void End(object? holder)
    {
        TcpConnection connection = holder as TcpConnection ?? Find(holder);
        string owner = connection.OwningProcess is { } process
            ? $" of {connection.ProcessName} ({process})"
            : string.Empty;
        if (ShouldProcess($"{connection}{owner}", "End the connection (the owner sees ECONNABORTED, the peer a reset)"))
        {
            ConnectionDestroyer.Destroy(_diag ??= new DiagSocket(), connection);
        }
    }

    private TcpConnection Find(object? holder)
    {
        using SocketReference socket = SocketReference.Open(holder);
        return HeldConnection.Find(_diag ??= new DiagSocket(), socket, SocketDescription.Of(holder));
    }
}
