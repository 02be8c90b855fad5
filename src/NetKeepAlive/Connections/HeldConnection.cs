using System.Linq;
using System.Threading;
using NetKeepAlive.Interop.Linux;

namespace NetKeepAlive.Connections;

/// <summary>Finds the row of the system's table that is a socket in hand.</summary>
internal static class HeldConnection
{
    /// <summary>The socket's row. The cookie tells it from others on the same port.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="description">The socket in words, for the error.</param>
    /// <exception cref="NativeSocketException"><c>EOPNOTSUPP</c>: not TCP; <c>ENOTCONN</c>: the table does not list it.</exception>
    internal static TcpConnection Find(SocketReference socket, string description)
    {
        Interop.CurrentPlatform.RequireLinux("The system's table of TCP connections");
        _ = TcpInfo.Read(socket.Handle, description);
        ulong? cookie = SocketCookie.Read(socket.Handle);
        SocketName? remote = SocketName.Peer(socket.Handle);
        TcpConnectionFilter filter = new()
        {
            LocalPort = Port(SocketName.Local(socket.Handle)),
            RemotePort = Port(remote),
        };
        return TcpConnectionTable.ReadRecords(filter, CancellationToken.None)
                .Where(it => it.Identity.Cookie == cookie)
                .Select(static it => new TcpConnection(it))
                .FirstOrDefault()
            ?? throw new NativeSocketException(
                "sock_diag", Errno.ENOTCONN, description, "It is not connected, or the connection has ended.");
    }

    private static int[] Port(SocketName? name) => name?.Ip is { } end ? [end.Port] : [];
}
