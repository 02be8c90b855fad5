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
    /// <returns>How many messages came, or the errno, negated.</returns>
    internal static unsafe int RecvMMsg(SafeHandle socket, byte* headers, int count)
    {
        Abi abi = Abi.Current;
        int received;
        do
        {
            received = recvmmsg(
                socket, headers, (uint)count, abi.MsgTrunc | abi.MsgDontWait | abi.MsgCmsgCloexec, null);
        }
        while (received < 0 && LastError.IsInterrupted);
        return LastError.Answer(received);
    }
}
