using System;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    // With the runtime's transition, as getsockopt.
    [LibraryImport("libc")]
    private static unsafe partial int setsockopt(int sockfd, int level, int optname, void* optval, uint optlen);

    /// <summary>setsockopt(2).</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="level">The level's number on this platform.</param>
    /// <param name="option">The option's number on this platform.</param>
    /// <param name="value">The option's bytes.</param>
    /// <param name="target">The option's name, for the error.</param>
    /// <exception cref="NativeSocketException">The kernel refused.</exception>
    internal static unsafe void SetSockOpt(
        HeldDescriptor socket, int level, int option, ReadOnlySpan<byte> value, string target)
    {
        fixed (byte* bytes = value)
        {
            if (setsockopt(socket.Number, level, option, bytes, (uint)value.Length) != 0)
            {
                LastError.Keep();
                throw NativeSocketException.FromLastError(nameof(setsockopt), target);
            }
        }
    }
}
