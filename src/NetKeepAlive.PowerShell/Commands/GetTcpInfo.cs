using System.Management.Automation;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Holders;
using NetKeepAlive.Tables;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Get-TcpInfo: the kernel's account of a TCP connection, as it is now.</summary>
[Cmdlet(VerbsCommon.Get, "TcpInfo")]
[OutputType(typeof(TcpInfo))]
public sealed class GetTcpInfo : TcpTableCmdlet
{
    private protected override void Process(object? holder)
    {
        if (holder is TcpConnection connection)
        {
            WriteObject(ConnectionInfo.Read(Diag, connection));
            return;
        }

        using SocketReference socket = SocketHolder.Open(holder);
        WriteObject(HeldConnection.ReadInfo(Diag, socket, SocketDescription.Of(holder)));
    }
}
