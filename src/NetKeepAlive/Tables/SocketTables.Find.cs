using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading;
using Microsoft.Win32.SafeHandles;
using NetKeepAlive.Addresses;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Linux;
using NetKeepAlive.Interop.Netlink;

namespace NetKeepAlive.Tables;

/// <content>Finding a row.</content>
internal sealed partial class SocketTables
{
    /// <summary>The row of a socket in hand.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="description">The socket in words, for the error.</param>
    /// <exception cref="NativeSocketException"><c>EOPNOTSUPP</c>: not TCP; <c>ENOTCONN</c>: the table does not list
    /// it.</exception>
    internal TcpConnection Find(SafeHandle socket, string description)
    {
        _ = TcpInfo.Read(socket, description);
        return TryFind(socket, description) ?? throw new NativeSocketException(
            "sock_diag", Errno.ENOTCONN, description, "It is not connected, or the connection has ended.");
    }

    /// <summary>The kernel's statistics of a socket in hand, with what waits in its queues where the table lists
    /// it.</summary>
    /// <exception cref="NativeSocketException">Not a TCP socket.</exception>
    internal TcpInfo ReadInfo(SafeHandle socket, string description)
    {
        TcpInfo info = TcpInfo.Read(socket, description);
        return TryFind(socket, description) is { } row ? row.ToInfo(info) : info;
    }

    /// <summary>The connection that has these ends now.</summary>
    /// <exception cref="NativeSocketException"><c>ENOENT</c>: there is none; <c>ETOOMANYREFS</c>: several listeners share
    /// the address.</exception>
    /// <exception cref="System.ArgumentException">They are not those of one connection.</exception>
    internal TcpConnection Find(ConnectionEnds ends)
    {
        List<TcpConnection> found = List(ends.ToFilter())
            .Where(row => ends.Cookie is null || ends.Cookie == row.Cookie)
            .Take(2)
            .ToList();
        return found.Count == 1
            ? found[0]
            : throw new NativeSocketException(
                "sock_diag", found.Count == 0 ? Errno.ENOENT : Errno.ETOOMANYREFS, ends.ToString(),
                found.Count == 0
                    ? "No connection of the system has these ends now."
                    : "Several listeners share this address. A row that has its Cookie names one of them.");
    }

    private TcpConnection? TryFind(SafeHandle socket, string description)
    {
        if (SocketName.Local(socket).Ip is not { } local || SocketCookie.Read(socket) is not { } cookie)
        {
            return null;
        }

        NetNamespace? network = NetworkOf(socket, description);
        IPEndPoint? remote = SocketName.Peer(socket)?.Ip;
        bool isIPv6 = local.AddressFamily is AddressFamily.InterNetworkV6;
        if (Kernel(network).Get(isIPv6, SocketIdentity.Of(local, remote, cookie), description) is { } record)
        {
            return new TcpConnection(record, network);
        }

        // Of the listeners that share a port the kernel names any, and a Multipath TCP socket is listed by its subflows:
        // the inode tells.
        uint inode = ProcessSockets.InodeOf(socket);
        TcpConnectionFilter alike = new()
        {
            LocalPort = [ServiceNames.One(local.Port)],
            RemotePort = [ServiceNames.One(remote?.Port ?? 0)],
            Networks = [network],
        };
        return Read(alike, CancellationToken.None).FirstOrDefault(row => row.Inode == inode);
    }

    /// <summary>The network namespace of a socket in hand; null where it is this process's own. One that came from
    /// elsewhere stays where it was made.</summary>
    internal NetNamespace? NetworkOf(SafeHandle socket, string description)
    {
        ulong cookie = NetworkNamespaces.Cookie(socket);
        if (cookie == 0 || cookie == Kernel(null).NamespaceCookie)
        {
            return null;
        }

        using SafeFileHandle network = NetworkNamespaces.Of(socket, description);
        NetNamespace found = NetNamespace.OfDescriptor(network);
        // While its descriptor is open.
        _ = Kernel(found);
        return found;
    }
}
