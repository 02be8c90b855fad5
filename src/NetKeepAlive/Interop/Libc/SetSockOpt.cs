using System;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int setsockopt(
        SafeHandle sockfd, int level, int optname, void* optval, uint optlen);

    // A call of a fifth of a microsecond that does not block: the runtime's bookkeeping around it would cost as much
    // as a third of it. It does not keep errno, so a refused call is made again by the other way, which does; asking
    // twice changes nothing.
    [LibraryImport("libc", EntryPoint = "setsockopt")]
    [SuppressGCTransition]
    private static unsafe partial int setsockopt_fast(
        SafeHandle sockfd, int level, int optname, void* optval, uint optlen);

    /// <summary>setsockopt(2).</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="level">The level's number on this platform.</param>
    /// <param name="option">The option's number on this platform.</param>
    /// <param name="value">The option's bytes.</param>
    /// <param name="target">The option's name, for the error.</param>
    /// <exception cref="NativeSocketException">The kernel refused.</exception>
    internal static unsafe void SetSockOpt(
        SafeHandle socket, int level, int option, ReadOnlySpan<byte> value, string target)
    {
        fixed (byte* bytes = value)
        {
            if (setsockopt_fast(socket, level, option, bytes, (uint)value.Length) != 0
                && setsockopt(socket, level, option, bytes, (uint)value.Length) != 0)
            {
                throw NativeSocketException.FromLastError(nameof(setsockopt), target);
            }
        }
    }
}
