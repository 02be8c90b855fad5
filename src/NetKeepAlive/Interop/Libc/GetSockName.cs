using System;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int getsockname(int sockfd, byte* addr, uint* addrlen);

    /// <summary>getsockname(2): the socket's own address.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="address">Where the <c>sockaddr</c> goes.</param>
    /// <returns>How many bytes the address has.</returns>
    /// <exception cref="NativeSocketException"><c>ENOTSOCK</c>: it is no socket.</exception>
    internal static unsafe int GetSockName(SafeHandle socket, Span<byte> address)
    {
        using HeldDescriptor descriptor = new(socket);
        return GetSockName(descriptor, address);
    }

    /// <inheritdoc cref="GetSockName(SafeHandle, Span{byte})"/>
    internal static unsafe int GetSockName(HeldDescriptor socket, Span<byte> address)
    {
        uint length = (uint)address.Length;
        fixed (byte* bytes = address)
        {
            if (getsockname(socket.Number, bytes, &length) != 0)
            {
                throw NativeSocketException.FromLastError(nameof(getsockname));
            }
        }

        return Math.Min((int)length, address.Length);
    }
}
