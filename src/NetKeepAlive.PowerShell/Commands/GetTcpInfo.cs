using System.Management.Automation;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Holders;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Get-TcpInfo: the kernel's statistics of a TCP connection, as it is now.</summary>
[Cmdlet(VerbsCommon.Get, "TcpInfo")]
[OutputType(typeof(TcpInfo))]
public sealed class GetTcpInfo : TcpTableCmdlet
{
    private protected override void Process(object? holder)
    {
        if (holder is TcpConnection connection)
        {
            WriteObject(Tables.ReadInfo(connection));
            return;
        }

        using SocketReference socket = SocketHolder.Open(holder);
        WriteObject(Tables.ReadInfo(socket.Handle, SocketDescription.Of(holder)));
    }
}
