using System.Linq;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Threading;
using NetKeepAlive.Addresses;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Linux;
using NetKeepAlive.Interop.Netlink;

namespace NetKeepAlive.Tables;

/// <summary>The system's own record of a socket in hand.</summary>
internal static class HeldConnection
{
    /// <summary>The row of the system's table that is this socket.</summary>
    /// <param name="diag">Asks the kernel.</param>
    /// <param name="socket">The socket.</param>
    /// <param name="description">The socket in words, for the error.</param>
    /// <exception cref="NativeSocketException"><c>EOPNOTSUPP</c>: not TCP; <c>ENOTCONN</c>: the table does not list
    /// it.</exception>
    internal static TcpConnection Find(DiagSocket diag, SocketReference socket, string description)
    {
        _ = TcpInfo.Read(socket.Handle, description);
        return Read(diag, socket, description) is { } record
            ? new TcpConnection(record)
            : throw new NativeSocketException(
                "sock_diag", Errno.ENOTCONN, description, "It is not connected, or the connection has ended.");
    }

    /// <summary>The kernel's account of the socket, with what waits in its queues where the table lists it.</summary>
    /// <exception cref="NativeSocketException">Not a TCP socket.</exception>
    internal static TcpInfo ReadInfo(DiagSocket diag, SocketReference socket, string description)
    {
        TcpInfo info = TcpInfo.Read(socket.Handle, description);
        return Read(diag, socket, description) is { } record
            ? new TcpInfo(info.Bytes, record) { Connection = description }
            : info;
    }

    private static DiagRecord? Read(DiagSocket diag, SocketReference socket, string description)
    {
        if (SocketName.Local(socket.Handle).Ip is not { } local || SocketCookie.Read(socket.Handle) is not { } cookie)
        {
            return null;
        }

        IPEndPoint? remote = SocketName.Peer(socket.Handle)?.Ip;
        bool isIPv6 = local.AddressFamily is AddressFamily.InterNetworkV6;
        if (diag.Get(isIPv6, SocketIdentity.Of(local, remote, cookie), description) is { } record)
        {
            return record;
        }

        // Of the listeners that share a port the kernel names any; the cookie tells which is this one.
        TcpConnectionFilter sharing = new() { LocalPort = [local.Port], State = [TcpState.Listen] };
        return remote is null
            ? TcpConnectionTable.ReadRecords(sharing, CancellationToken.None)
                .Where(it => it.Cookie == cookie)
                .Select(static it => (DiagRecord?)it)
                .FirstOrDefault()
            : null;
    }
}
