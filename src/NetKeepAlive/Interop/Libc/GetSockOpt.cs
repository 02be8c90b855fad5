using System;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int getsockopt(
        SafeHandle sockfd, int level, int optname, void* optval, uint* optlen);

    // A call of a fifth of a microsecond that does not block: the runtime's bookkeeping around it would cost as much
    // as a third of it. It does not keep errno, so a refused call is made again by the other way, which does; asking
    // twice changes nothing.
    [LibraryImport("libc", EntryPoint = "getsockopt")]
    [SuppressGCTransition]
    private static unsafe partial int getsockopt_fast(
        SafeHandle sockfd, int level, int optname, void* optval, uint* optlen);

    /// <summary>getsockopt(2).</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="level">The level's number on this platform.</param>
    /// <param name="option">The option's number on this platform.</param>
    /// <param name="value">Where the option's bytes go.</param>
    /// <param name="target">The option's name, for the error.</param>
    /// <returns>How many bytes the kernel wrote.</returns>
    /// <exception cref="NativeSocketException">The kernel refused.</exception>
    internal static unsafe int GetSockOpt(
        SafeHandle socket, int level, int option, Span<byte> value, string target)
    {
        uint length = (uint)value.Length;
        fixed (byte* bytes = value)
        {
            if (getsockopt_fast(socket, level, option, bytes, &length) != 0
                && getsockopt(socket, level, option, bytes, &length) != 0)
            {
                throw NativeSocketException.FromLastError(nameof(getsockopt), target);
            }
        }

        return (int)length;
    }
}
