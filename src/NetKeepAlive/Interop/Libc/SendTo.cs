using System;
using System.Runtime.InteropServices;
using NetKeepAlive.Interop.Linux;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint sendto(int sockfd, byte* buf, nuint len, int flags, byte* addr, uint addrlen);

    /// <summary>sendto(2) that never waits and raises no SIGPIPE.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="data">What to send.</param>
    /// <param name="address">The bytes of a <c>sockaddr</c>; empty for the peer that the socket is connected
    /// to.</param>
    /// <returns>How many bytes the kernel took, or the errno, negated.</returns>
    internal static unsafe int SendTo(SafeHandle socket, ReadOnlySpan<byte> data, ReadOnlySpan<byte> address)
    {
        Abi abi = Abi.Current;
        int flags = abi.MsgSendDontWait | abi.MsgNoSignal;
        nint sent;
        fixed (byte* bytes = data, name = address)
        {
            do
            {
                // No using: inside a try block the runtime calls native code by way of a stub.
                HeldDescriptor descriptor = new(socket);
                sent = SystemCall.SendTo == Abi.None
                    ? sendto(descriptor.Number, bytes, (nuint)data.Length, flags, name, (uint)address.Length)
                    : SystemCall.Invoke(
                        SystemCall.SendTo, descriptor.Number, (nint)bytes, data.Length, flags, (nint)name,
                        address.Length);
                descriptor.Dispose();
            }
            while (sent < 0 && LastError.IsInterrupted);
        }

        return LastError.AnswerOfSend(sent, address.IsEmpty ? abi.TryAgainErrno : abi.FullQueueErrno);
    }
}
