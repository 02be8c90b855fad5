using System.Runtime.InteropServices;
using NetKeepAlive.Interop.Linux;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint recvmsg(int sockfd, byte* msg, int flags);

    /// <summary>recvmsg(2) that never waits; descriptors it brings are close-on-exec where the platform can.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="header">A <c>struct msghdr</c>.</param>
    /// <param name="flags">More flags: <c>MSG_PEEK</c>, <see cref="Abi.MsgFullLength"/>.</param>
    /// <returns>The length, or the errno, negated.</returns>
    internal static unsafe int RecvMsg(SafeHandle socket, byte* header, int flags)
    {
        Abi abi = Abi.Current;
        flags |= abi.MsgDontWait | abi.MsgCmsgCloexec;
        nint length;
        do
        {
            // No using: inside a try block the runtime calls native code by way of a stub.
            HeldDescriptor descriptor = new(socket);
            length = SystemCall.RecvMsg == Abi.None
                ? recvmsg(descriptor.Number, header, flags)
                : SystemCall.Invoke(SystemCall.RecvMsg, descriptor.Number, (nint)header, flags);
            descriptor.Dispose();
        }
        while (length < 0 && LastError.IsInterrupted);
        return LastError.Answer(length);
    }
}
