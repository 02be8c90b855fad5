using System;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static unsafe partial nint recv_netlink(SafeHandle sockfd, void* buf, nuint length, int flags);

    /// <summary>recv(2) of one datagram of the kernel; a call that a signal cut short is repeated.</summary>
    /// <param name="socket">The netlink socket.</param>
    /// <param name="buffer">Where the datagram goes.</param>
    /// <param name="flags">MSG_TRUNC, so that the true length comes back.</param>
    /// <param name="target">What was asked, for the error.</param>
    /// <returns>The datagram's length, also where the buffer is shorter.</returns>
    /// <exception cref="NativeSocketException">The kernel refused.</exception>
    internal static unsafe int ReceiveNetlink(SafeHandle socket, Span<byte> buffer, int flags, string target)
    {
        fixed (byte* bytes = buffer)
        {
            while (true)
            {
                nint length = recv_netlink(socket, bytes, (nuint)buffer.Length, flags);
                if (length >= 0)
                {
                    return (int)length;
                }

                NativeSocketException error = NativeSocketException.FromLastError("recv", target);
                if (!error.Is(Errno.EINTR))
                {
                    throw error;
                }
            }
        }
    }
}
