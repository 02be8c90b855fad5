using System;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int accept4(SafeHandle sockfd, byte* addr, uint* addrlen, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int accept(SafeHandle sockfd, byte* addr, uint* addrlen);

    /// <summary>accept4(2), or accept(2) where that is missing: the next connection, close-on-exec.</summary>
    /// <param name="listener">A non-blocking listening socket.</param>
    /// <param name="address">Where the peer's <c>sockaddr</c> goes.</param>
    /// <param name="length">How long that address is.</param>
    /// <param name="target">The listener in words, for the error.</param>
    /// <returns>The connection; null when none is waiting.</returns>
    /// <exception cref="NativeSocketException">The kernel refused: <c>EMFILE</c>, say.</exception>
    internal static unsafe SafeSocketHandle? Accept(
        SafeHandle listener, Span<byte> address, out int length, string? target)
    {
        int cloexec = Abi.Current.SockCloexec;
        fixed (byte* bytes = address)
        {
            while (true)
            {
                uint size = (uint)address.Length;
                int fd = cloexec != Abi.None
                    ? accept4(listener, bytes, &size, cloexec)
                    : accept(listener, bytes, &size);
                length = Math.Min((int)size, address.Length);
                if (fd >= 0)
                {
                    return OwnNew(fd);
                }

                if (LastError.IsWouldBlock)
                {
                    return null;
                }

                // A connection that its peer gave up before it was accepted is no failure of the listener.
                if (!LastError.IsInterrupted && !LastError.Is(Errno.ECONNABORTED))
                {
                    throw NativeSocketException.FromLastError(nameof(accept), target);
                }
            }
        }
    }
}
