using System.Management.Automation;
using NetKeepAlive.Connections;
using NetKeepAlive.Interop.Netlink;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Get-TcpInfo: the kernel's account of a TCP connection, as it is now.</summary>
[Cmdlet(VerbsCommon.Get, "TcpInfo")]
[OutputType(typeof(TcpInfo))]
public sealed class GetTcpInfo : NetKeepAliveCmdlet
{
    private DiagSocket? _diag;

    /// <summary>What holds the socket, or a row of Get-TcpConnection.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("Socket")]
    [AllowNull]
    public object? InputObject { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (object? item in Many(InputObject))
        {
            Attempt(item, () => Read(Unwrap(item)));
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _diag?.Dispose();
        base.Dispose(disposing);
    }

    private void Read(object? holder)
    {
        if (holder is TcpConnection connection)
        {
            WriteObject(ConnectionInfo.Read(_diag ??= new DiagSocket(), connection));
            return;
        }

        using SocketReference socket = SocketReference.Open(holder);
        WriteObject(HeldConnection.ReadInfo(_diag ??= new DiagSocket(), socket, SocketDescription.Of(holder)));
    }
}
