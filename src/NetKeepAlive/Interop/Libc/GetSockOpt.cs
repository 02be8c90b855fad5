using System;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    // With the runtime's transition: lock_sock in the kernel waits for whoever else works on the socket, and a thread
    // that waits without it holds up the collector and so every other thread.
    [LibraryImport("libc")]
    private static unsafe partial int getsockopt(int sockfd, int level, int optname, void* optval, uint* optlen);

    /// <summary>getsockopt(2).</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="level">The level's number on this platform.</param>
    /// <param name="option">The option's number on this platform.</param>
    /// <param name="value">Where the option's bytes go.</param>
    /// <param name="target">The option's name, for the error.</param>
    /// <returns>How many bytes the kernel wrote.</returns>
    /// <exception cref="NativeSocketException">The kernel refused.</exception>
    internal static unsafe int GetSockOpt(
        HeldDescriptor socket, int level, int option, Span<byte> value, string target)
    {
        uint length = (uint)value.Length;
        fixed (byte* bytes = value)
        {
            if (getsockopt(socket.Number, level, option, bytes, &length) != 0)
            {
                LastError.Keep();
                throw NativeSocketException.FromLastError(nameof(getsockopt), target);
            }
        }

        return (int)length;
    }
}
