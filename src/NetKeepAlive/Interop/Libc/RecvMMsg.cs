using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int recvmmsg(SafeHandle sockfd, byte* msgvec, uint vlen, int flags, void* timeout);

    /// <summary>recvmmsg(2), Linux: several messages by one call, without waiting.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="headers">An array of <c>struct mmsghdr</c>.</param>
    /// <param name="count">How many there are.</param>
    /// <returns>How many messages came; -1 when there is none now.</returns>
    /// <exception cref="NativeSocketException">The connection failed.</exception>
    internal static unsafe int RecvMMsg(SafeHandle socket, byte* headers, int count)
    {
        Abi abi = Abi.Current;
        while (true)
        {
            int received = recvmmsg(
                socket, headers, (uint)count, abi.MsgTrunc | abi.MsgDontWait | abi.MsgCmsgCloexec, null);
            if (received >= 0)
            {
                return received;
            }

            if (LastError.IsWouldBlock)
            {
                return -1;
            }

            if (!LastError.IsInterrupted)
            {
                throw NativeSocketException.FromLastError(nameof(recvmmsg));
            }
        }
    }
}
