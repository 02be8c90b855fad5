using System;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int getpeername(SafeHandle sockfd, byte* addr, uint* addrlen);

    /// <summary>getpeername(2): the address of the peer.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="address">Where the <c>sockaddr</c> goes.</param>
    /// <param name="length">How many bytes the address has.</param>
    /// <returns>Is the socket connected?</returns>
    internal static unsafe bool GetPeerName(SafeHandle socket, Span<byte> address, out int length)
    {
        uint size = (uint)address.Length;
        bool connected;
        fixed (byte* bytes = address)
        {
            connected = getpeername(socket, bytes, &size) == 0;
        }

        length = connected ? Math.Min((int)size, address.Length) : 0;
        return connected;
    }
}
