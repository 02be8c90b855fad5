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

    /// <summary>The connections, from Get-TcpConnection.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    public TcpConnection[] InputObject { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (TcpConnection connection in InputObject)
        {
            End(connection);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _diag?.Dispose();
        base.Dispose(disposing);
    }

    private void End(TcpConnection connection)
    {
        string owner = connection.OwningProcess is { } process ? $" of {connection.ProcessName} ({process})" : string.Empty;
        if (ShouldProcess($"{connection}{owner}", "End the connection (the owner sees ECONNABORTED, the peer a reset)"))
        {
            Attempt(connection, () => ConnectionDestroyer.Destroy(_diag ??= new DiagSocket(), connection));
        }
    }
}
