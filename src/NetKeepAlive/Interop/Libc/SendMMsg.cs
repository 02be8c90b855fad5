using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int sendmmsg(SafeHandle sockfd, byte* msgvec, uint vlen, int flags);

    /// <summary>sendmmsg(2), Linux: several messages by one call, without waiting and without SIGPIPE.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="headers">An array of <c>struct mmsghdr</c>.</param>
    /// <param name="count">How many there are.</param>
    /// <returns>How many messages the kernel took; or the errno that the first of them met, negated.</returns>
    internal static unsafe int SendMMsg(SafeHandle socket, byte* headers, int count)
    {
        Abi abi = Abi.Current;
        int sent;
        do
        {
            sent = sendmmsg(socket, headers, (uint)count, abi.MsgDontWait | abi.MsgNoSignal);
        }
        while (sent < 0 && LastError.IsInterrupted);
        return LastError.Answer(sent);
    }
}
