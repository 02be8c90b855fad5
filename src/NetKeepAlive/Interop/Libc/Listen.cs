using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    [LibraryImport("libc", SetLastError = true)]
    private static partial int listen(SafeHandle sockfd, int backlog);

    /// <summary>listen(2).</summary>
    /// <param name="socket">A bound socket.</param>
    /// <param name="backlog">How many connections may wait to be accepted; the kernel caps it at its own limit
    /// (<c>net.core.somaxconn</c>).</param>
    /// <param name="target">The address in words, for the error.</param>
    /// <exception cref="NativeSocketException">The kernel refused.</exception>
    internal static void Listen(SafeHandle socket, int backlog, string target)
    {
        if (listen(socket, backlog) != 0)
        {
            throw NativeSocketException.FromLastError(nameof(listen), target);
        }
    }
}
