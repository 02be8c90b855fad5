using System;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint sendto(
        SafeHandle sockfd, byte* buf, nuint len, int flags, byte* addr, uint addrlen);

    /// <summary>sendto(2) that never waits and raises no SIGPIPE.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="data">What to send.</param>
    /// <param name="address">The bytes of a <c>sockaddr</c>; empty for the peer that the socket is connected to.</param>
    /// <returns>How many bytes the kernel took; -1 when there is no room now.</returns>
    /// <exception cref="NativeSocketException">The kernel refused.</exception>
    internal static unsafe int SendTo(SafeHandle socket, ReadOnlySpan<byte> data, ReadOnlySpan<byte> address)
    {
        Abi abi = Abi.Current;
        fixed (byte* bytes = data, name = address)
        {
            while (true)
            {
                nint sent = sendto(
                    socket, bytes, (nuint)data.Length, abi.MsgDontWait | abi.MsgNoSignal, name, (uint)address.Length);
                if (sent >= 0)
                {
                    return (int)sent;
                }

                if (LastError.IsWouldBlock)
                {
                    return -1;
                }

                if (!LastError.IsInterrupted)
                {
                    throw NativeSocketException.FromLastError("send");
                }
            }
        }
    }
}
