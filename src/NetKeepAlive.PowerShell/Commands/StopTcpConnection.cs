using System;
using System.Management.Automation;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Holders;
using NetKeepAlive.Interop;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Stop-TcpConnection: has the kernel end connections, whoever holds them.</summary>
[Cmdlet(VerbsLifecycle.Stop, "TcpConnection", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(void))]
public sealed class StopTcpConnection : TcpTableCmdlet
{
    /// <summary>Ends listeners too.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool TakesNull => true;

    private protected override void Process(object? holder)
    {
        TcpConnection connection = holder as TcpConnection ?? Find(holder);
        if (connection.IsListener && !Force)
        {
            throw new ArgumentException(
                $"{connection} is a listener: ending it takes the service away from everybody. -Force does it.");
        }

        string owner = connection.OwningProcess is { } process
            ? $" of {connection.OwningProcessName} ({process})"
            : string.Empty;
        string network = connection.NetworkNamespace is { } name
            ? $" in the network namespace {VisibleText.Escape(name)}"
            : string.Empty;
        string action = connection.IsListener
            ? "End the listener (nobody can connect any more; its process is not told to open it again)"
            : "End the connection (the owner sees ECONNABORTED, the peer a reset)";
        if (ShouldProcess($"{connection}{owner}{network}", action))
        {
            Tables.End(connection);
        }
    }

    private TcpConnection Find(object? holder)
    {
        using SocketReference socket = SocketHolder.Open(holder);
        return Tables.Find(socket.Handle, SocketDescription.Of(holder));
    }
}
