using System;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static unsafe partial nint send_netlink(SafeHandle sockfd, void* buf, nuint length, int flags);

    /// <summary>send(2) of one request to the kernel; a call that a signal cut short is repeated.</summary>
    /// <param name="socket">The netlink socket.</param>
    /// <param name="request">The whole request.</param>
    /// <param name="target">What is asked, for the error.</param>
    /// <exception cref="NativeSocketException">The kernel refused.</exception>
    internal static unsafe void SendNetlink(SafeHandle socket, ReadOnlySpan<byte> request, string target)
    {
        fixed (byte* bytes = request)
        {
            while (send_netlink(socket, bytes, (nuint)request.Length, 0) < 0)
            {
                NativeSocketException error = NativeSocketException.FromLastError("send", target);
                if (!error.Is(Errno.EINTR))
                {
                    throw error;
                }
            }
        }
    }
}
