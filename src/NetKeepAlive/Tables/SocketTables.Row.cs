using System;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using Microsoft.Win32.SafeHandles;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Linux;

namespace NetKeepAlive.Tables;

/// <content>What is done with one row.</content>
internal sealed partial class SocketTables
{
    private const string ListAgain = "Nothing was touched. List the connections again.";

    /// <summary>Opens the socket of a row: a copy of its owner's descriptor, which neither stops nor tells the owner. What
    /// is set on the copy is set on the socket. It is a plain descriptor: a SafeSocketHandle that owned it would set
    /// SO_LINGER on the shared socket before it closes.</summary>
    /// <param name="connection">The row.</param>
    /// <param name="ended">Is a socket welcome that its owner still holds, though the connection has ended?</param>
    /// <exception cref="NativeSocketException"><c>EPERM</c>: no rights over its owner; <c>ESRCH</c>: no process holds
    /// it; <c>EBADF</c>: the descriptor was closed or holds another socket, which was not touched; <c>ENOTCONN</c>: the
    /// connection has ended.</exception>
    internal SafeFileHandle Open(TcpConnection connection, bool ended = false)
    {
        CurrentPlatform.RequireLinux("Reaching the sockets of another process");
        string target = connection.ToString();
        if (connection.Inode == 0)
        {
            throw new NativeSocketException(
                "pidfd_getfd", Errno.ESRCH, target,
                $"No process holds a descriptor of this connection ({connection.State}).");
        }

        if (connection is not { OwningProcess: { } process, FileDescriptor: { } descriptor })
        {
            throw Environment.IsPrivilegedProcess
                ? new NativeSocketException(
                    "pidfd_getfd", Errno.ESRCH, target,
                    "No process under /proc holds it: it has ended, lives in another pid namespace, or is the kernel.")
                : new NativeSocketException(
                    "pidfd_getfd", Errno.EPERM, target, "Its process is not visible to this user. " + RightsAdvice);
        }

        string where = $"{target} (descriptor {descriptor} of process {process})";
        SafeFileHandle copy = CopyOf(connection, process, descriptor, where);
        try
        {
            Check(copy, connection, ended, where);
            return copy;
        }
        catch (NativeSocketException)
        {
            copy.Dispose();
            throw;
        }
    }

    /// <summary>Reads the keep-alive settings of a row's socket into the row.</summary>
    /// <returns>False where it may not be looked into; a connection that has gone meanwhile has no settings
    /// either.</returns>
    internal bool ReadKeepAlive(TcpConnection connection)
    {
        if (connection.Inode == 0)
        {
            return true;
        }

        try
        {
            using SafeFileHandle socket = Open(connection);
            connection.KeepAlive = TcpKeepAlive.Read(socket);
            return true;
        }
        catch (NativeSocketException error)
        {
            connection.KeepAlive = null;
            return !error.Is(Errno.EPERM);
        }
    }

    /// <summary>The kernel's statistics of a connection as it is now; that takes no rights over its owner.</summary>
    /// <returns>Null where it is gone, or in a state of which the kernel keeps no statistics.</returns>
    /// <exception cref="NativeSocketException">The kernel refused, or the network namespace cannot be entered.</exception>
    internal TcpInfo? TryReadInfo(TcpConnection connection) => TryAsk(connection)?.Info;

    /// <summary>The row of a connection as it is now, without its owner; null where it is gone.</summary>
    internal TcpConnection? TryRead(TcpConnection connection) => Abi.HasSocketTables
        ? TryAsk(connection)
        : Read(new TcpConnectionFilter(), CancellationToken.None).FirstOrDefault(it => it.Cookie == connection.Cookie);

    private TcpConnection? TryAsk(TcpConnection connection) =>
        Kernel(connection.Network).Get(connection.IsIPv6, connection.Identity, connection.ToString()) is { } now
            ? new TcpConnection(now, connection.Network)
            : null;

    /// <inheritdoc cref="TryReadInfo"/>
    /// <exception cref="NativeSocketException"><c>ENOENT</c>: it is gone.</exception>
    internal TcpInfo ReadInfo(TcpConnection connection) =>
        TryReadInfo(connection) ?? throw new NativeSocketException(
            "sock_diag", Errno.ENOENT, connection.ToString(),
            "The connection is gone, or in a state (TimeWait, SynReceived) of which the kernel keeps no statistics.");

    /// <summary>Has the kernel end a connection, SOCK_DESTROY of sock_diag(7): the owner sees ECONNABORTED, the peer a
    /// reset. Its cookie makes sure that it is that one.</summary>
    /// <exception cref="NativeSocketException"><c>EPERM</c>: no CAP_NET_ADMIN; <c>ENOENT</c>: it is gone;
    /// <c>EOPNOTSUPP</c>: this kernel cannot.</exception>
    internal void End(TcpConnection connection)
    {
        DiagSocket kernel = Kernel(connection.Network);
        string target = connection.ToString();
        try
        {
            kernel.Destroy(connection.IsIPv6, connection.Identity, target);
        }
        catch (NativeSocketException error)
        {
            string? advice = error.Errno switch
            {
                "EPERM" => "It takes root, or the capability CAP_NET_ADMIN.",
                "ENOENT" => "The connection is gone.",
                "EOPNOTSUPP" => "This kernel lacks CONFIG_INET_DIAG_DESTROY.",
                _ => null,
            };
            throw error.WithTarget(target, advice);
        }
    }

    private SafeFileHandle CopyOf(TcpConnection connection, int process, int descriptor, string where)
    {
        try
        {
            return Copy(process, descriptor, where);
        }
        catch (NativeSocketException error)
        {
            string? advice = error.Errno switch
            {
                "EPERM" => RightsAdvice,
                "ESRCH" => "The process has ended. " + ListAgain,
                "EBADF" => "The process has closed it. " + ListAgain,
                _ => null,
            };
            throw error.WithTarget(where, advice);
        }
    }

    private static void Check(SafeFileHandle copy, TcpConnection connection, bool ended, string where)
    {
        if (!IsSame(copy, connection))
        {
            throw new NativeSocketException(
                "pidfd_getfd", Errno.EBADF, where, "The descriptor now holds something else. " + ListAgain);
        }

        if (!ended && connection.State is not TcpConnectionState.Closed
            && TcpInfo.Read(copy).State is TcpConnectionState.Closed)
        {
            throw new NativeSocketException(
                "pidfd_getfd", Errno.ENOTCONN, where,
                "The connection has ended; its process only still holds the socket.");
        }
    }

    // The inode alone is not enough: the kernel counts inodes in 32 bits and begins again. A Multipath TCP socket gives its
    // inode to its subflows, which are what is listed, and has a cookie of its own.
    private static bool IsSame(SafeHandle copy, TcpConnection connection)
    {
        try
        {
            return ProcessSockets.InodeOf(copy) == connection.Inode
                && (connection.IsMultipath || MultipathSocket.Is(copy)
                    || (SocketCookie.Read(copy) ?? connection.Cookie) == connection.Cookie);
        }
        catch (NativeSocketException)
        {
            // No socket at all.
            return false;
        }
    }
}
