using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint recvmsg(SafeHandle sockfd, byte* msg, int flags);

    /// <summary>recvmsg(2) that never waits; descriptors it brings are close-on-exec where the platform can.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="header">A <c>struct msghdr</c>.</param>
    /// <param name="flags">More flags: <c>MSG_PEEK</c>, <c>MSG_TRUNC</c>.</param>
    /// <returns>The length; -1 when there is nothing now.</returns>
    /// <exception cref="NativeSocketException">The kernel refused, or the connection failed.</exception>
    internal static unsafe int RecvMsg(SafeHandle socket, byte* header, int flags)
    {
        Abi abi = Abi.Current;
        while (true)
        {
            nint length = recvmsg(socket, header, flags | abi.MsgDontWait | abi.MsgCmsgCloexec);
            if (length >= 0)
            {
                return (int)length;
            }

            if (LastError.IsWouldBlock)
            {
                return -1;
            }

            if (!LastError.IsInterrupted)
            {
                throw NativeSocketException.FromLastError(nameof(recvmsg));
            }
        }
    }
}
