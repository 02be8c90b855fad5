using System;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int connect(SafeHandle sockfd, byte* addr, uint addrlen);

    /// <summary>connect(2).</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="address">The bytes of a <c>sockaddr</c>.</param>
    /// <returns>Null once connected, else the error; also <c>EINTR</c>, for it is the caller who knows how much time is
    /// left.</returns>
    internal static unsafe Errno? Connect(SafeHandle socket, ReadOnlySpan<byte> address)
    {
        fixed (byte* bytes = address)
        {
            return connect(socket, bytes, (uint)address.Length) != 0 ? LastError.Row : null;
        }
    }
}
