using System.Runtime.InteropServices;
using NetKeepAlive.Interop.Linux;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint sendmsg(int sockfd, byte* msg, int flags);

    /// <summary>sendmsg(2) that never waits and raises no SIGPIPE. By number where it has one: musl before 1.2.4 copies
    /// the control messages into 1,024 bytes and refuses what does not fit.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="header">A <c>struct msghdr</c>.</param>
    /// <param name="isStream">Is it a stream?</param>
    /// <returns>How many bytes the kernel took, or the errno, negated.</returns>
    internal static unsafe int SendMsg(SafeHandle socket, byte* header, bool isStream)
    {
        Abi abi = Abi.Current;
        int flags = abi.MsgSendDontWait | abi.MsgNoSignal;
        using HeldDescriptor descriptor = new(socket);
        nint sent;
        do
        {
            sent = SystemCall.SendMsg == Abi.None
                ? sendmsg(descriptor.Number, header, flags)
                : SystemCall.Invoke(SystemCall.SendMsg, descriptor.Number, (nint)header, flags);
        }
        while (sent < 0 && LastError.IsInterrupted);
        return LastError.AnswerOfSend(sent, isStream ? abi.FullStreamErrno : abi.FullQueueErrno);
    }
}
