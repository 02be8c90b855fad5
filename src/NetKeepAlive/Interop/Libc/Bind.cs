using System;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int bind(SafeHandle sockfd, byte* addr, uint addrlen);

    /// <summary>bind(2).</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="address">The bytes of a <c>sockaddr</c>.</param>
    /// <param name="target">The address in words, for the error.</param>
    /// <exception cref="NativeSocketException">The kernel refused.</exception>
    internal static unsafe void Bind(SafeHandle socket, ReadOnlySpan<byte> address, string target)
    {
        fixed (byte* bytes = address)
        {
            if (bind(socket, bytes, (uint)address.Length) != 0)
            {
                throw NativeSocketException.FromLastError(nameof(bind), target);
            }
        }
    }
}
