using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Netlink;
namespace NetKeepAlive.Tables;

/// <summary>Reads the kernel's account of a connection.</summary>
internal static class ConnectionInfo
{
    /// <summary>Reads it for a row of the table; that takes no rights over its owner.</summary>
    /// <exception cref="NativeSocketException"><c>ENOENT</c>: the connection is gone.</exception>
    internal static TcpInfo Read(DiagSocket diag, TcpConnection connection) =>
        connection.ReadInfo(diag) ?? throw new NativeSocketException(
            "sock_diag", Errno.ENOENT, connection.ToString(),
            "The connection is gone, or in a state (TimeWait, SynReceived) of which the kernel keeps no account.");
}
