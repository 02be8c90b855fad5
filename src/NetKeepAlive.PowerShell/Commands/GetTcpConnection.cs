using System.Management.Automation;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Get-TcpConnection: the TCP connections and listeners of the system, from the kernel's own table.</summary>
[Cmdlet(VerbsCommon.Get, "TcpConnection")]
[OutputType(typeof(TcpConnection))]
public sealed class GetTcpConnection : TcpConnectionFilterCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ReadFilter(StopToken) is not { } filter)
        {
            return;
        }

        Attempt(null, () =>
        {
            foreach (TcpConnection connection in Tables.List(filter, StopToken))
            {
                WriteObject(connection);
            }
        });
    }
}
