using System.Management.Automation;
using NetKeepAlive.Holders;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Stop-TcpConnection: has the kernel end connections, whoever holds them.</summary>
[Cmdlet(VerbsLifecycle.Stop, "TcpConnection", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(void))]
public sealed class StopTcpConnection : TcpTableCmdlet
{
    private protected override void Process(object? holder)
    {
        TcpConnection connection = holder as TcpConnection ?? Find(holder);
        string owner = connection.OwningProcess is { } process
            ? $" of {connection.OwningProcessName} ({process})"
            : string.Empty;
        if (ShouldProcess($"{connection}{owner}", "End the connection (the owner sees ECONNABORTED, the peer a reset)"))
        {
            Tables.End(connection);
        }
    }

    private TcpConnection Find(object? holder)
    {
        using SocketReference socket = SocketReference.Open(holder);
        return Tables.Find(socket.Handle, SocketDescription.Of(holder));
    }
}
