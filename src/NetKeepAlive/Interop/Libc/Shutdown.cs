using System;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    [LibraryImport("libc", SetLastError = true)]
    private static partial int shutdown(SafeHandle sockfd, int how);

    /// <summary>shutdown(2). .NET's enumeration has the system's numbers.</summary>
    /// <exception cref="NativeSocketException"><c>ENOTCONN</c>: there is no peer.</exception>
    internal static void Shutdown(SafeHandle socket, SocketShutdown how, string? target)
    {
        if (shutdown(socket, (int)how) != 0)
        {
            throw NativeSocketException.FromLastError(nameof(shutdown), target);
        }
    }

    /// <summary>shutdown(2) of what is, or was, connected. Where a direction that has ended may not be ended again, which
    /// would leave the other one as it is too, each is ended on its own, and one that has ended is passed over.</summary>
    internal static void ShutdownConnected(SafeHandle socket, SocketShutdown how, string? target)
    {
        if (Abi.Current.EndedDirectionsMayEnd)
        {
            Shutdown(socket, how, target);
            return;
        }

        foreach (SocketShutdown direction in (ReadOnlySpan<SocketShutdown>)[SocketShutdown.Receive, SocketShutdown.Send])
        {
            if ((how == direction || how is SocketShutdown.Both)
                && shutdown(socket, (int)direction) != 0 && !LastError.Is(Errno.ENOTCONN))
            {
                throw NativeSocketException.FromLastError(nameof(shutdown), target);
            }
        }
    }
}
