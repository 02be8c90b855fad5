using System;
using System.Net.NetworkInformation;
using Microsoft.Win32.SafeHandles;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Linux;

namespace NetKeepAlive.Tables;

/// <summary>Reaches the socket of a listed connection through the process that holds it.</summary>
internal static class ConnectionOwner
{
    /// <summary>What it takes to reach into another process.</summary>
    internal const string RightsAdvice =
        "It takes the same user and the right to trace the process (kernel.yama.ptrace_scope=0), or root "
        + "(CAP_SYS_PTRACE).";

    private const string ListAgain = "Nothing was touched. List the connections again with Get-TcpConnection.";

    /// <inheritdoc cref="TcpConnection.Open"/>
    internal static SocketReference Open(TcpConnection connection) => Open(connection, null);

    /// <inheritdoc cref="TcpConnection.Open"/>
    /// <param name="connection">The connection.</param>
    /// <param name="owner">The pidfd of its process, for a caller that has it open.</param>
    /// <param name="ended">Is a socket welcome that its owner still holds, though the connection has ended?</param>
    internal static SocketReference Open(TcpConnection connection, SafeFileHandle? owner, bool ended = false)
    {
        Interop.CurrentPlatform.RequireLinux("Reaching the sockets of another process");
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
        SafeFileHandle copy = Copy(process, owner, descriptor, where);
        if (!IsSame(copy, connection))
        {
            copy.Dispose();
            throw new NativeSocketException(
                "pidfd_getfd", Errno.EBADF, where, "The descriptor now holds something else. " + ListAgain);
        }

        if (!ended && connection.State is not TcpState.Closed && TcpInfo.Read(copy).State is TcpState.Closed)
        {
            copy.Dispose();
            throw new NativeSocketException(
                "pidfd_getfd", Errno.ENOTCONN, where,
                "The connection has ended; its process only still holds the socket.");
        }

        return new SocketReference(copy);
    }

    private static SafeFileHandle Copy(int process, SafeFileHandle? owner, int descriptor, string where)
    {
        try
        {
            if (owner is not null)
            {
                return PidFd.GetFd(owner, descriptor, where);
            }

            using SafeFileHandle opened = PidFd.Open(process);
            return PidFd.GetFd(opened, descriptor, where);
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

    // The inode alone is not enough: the kernel counts inodes in 32 bits and begins again.
    private static bool IsSame(SafeFileHandle copy, TcpConnection connection)
    {
        try
        {
            return ProcessSockets.InodeOf((int)copy.DangerousGetHandle()) == connection.Inode
                && (SocketCookie.Read(copy) ?? connection.Cookie) == connection.Cookie;
        }
        catch (NativeSocketException)
        {
            // No socket at all.
            return false;
        }
    }
}
