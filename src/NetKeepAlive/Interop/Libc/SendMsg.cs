using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint sendmsg(SafeHandle sockfd, byte* msg, int flags);

    /// <summary>sendmsg(2) that never waits and raises no SIGPIPE.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="header">A <c>struct msghdr</c>.</param>
    /// <returns>How many bytes the kernel took; -1 when there is no room now.</returns>
    /// <exception cref="NativeSocketException">The kernel refused.</exception>
    internal static unsafe int SendMsg(SafeHandle socket, byte* header)
    {
        Abi abi = Abi.Current;
        nint sent;
        do
        {
            sent = sendmsg(socket, header, abi.MsgDontWait | abi.MsgNoSignal);
        }
        while (sent < 0 && LastError.MustRepeat(nameof(sendmsg)));
        return (int)sent;
    }
}
