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
}
