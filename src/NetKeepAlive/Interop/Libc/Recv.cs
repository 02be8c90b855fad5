using System;
using System.Runtime.InteropServices;
using NetKeepAlive.Interop.Linux;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint recv(int sockfd, byte* buf, nuint len, int flags);

    /// <summary>recv(2) that never waits.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="buffer">Where the bytes go.</param>
    /// <param name="peek">Leave them in the socket.</param>
    /// <param name="fullLength">Answer with a message's full length, also where the buffer is shorter.</param>
    /// <returns>How many bytes came, 0 at the end of a stream; or the errno, negated.</returns>
    internal static unsafe int Recv(SafeHandle socket, Span<byte> buffer, bool peek = false, bool fullLength = false)
    {
        Abi abi = Abi.Current;
        int flags = abi.MsgDontWait | (peek ? abi.MsgPeek : Abi.None) | (fullLength ? abi.MsgFullLength : Abi.None);
        nint length;
        fixed (byte* bytes = buffer)
        {
            do
            {
                // No using: inside a try block the runtime calls native code by way of a stub.
                HeldDescriptor descriptor = new(socket);
                length = SystemCall.RecvFrom == Abi.None
                    ? recv(descriptor.Number, bytes, (nuint)buffer.Length, flags)
                    : SystemCall.Invoke(SystemCall.RecvFrom, descriptor.Number, (nint)bytes, buffer.Length, flags);
                descriptor.Dispose();
            }
            while (length < 0 && LastError.IsInterrupted);
        }

        return LastError.Answer(length);
    }
}
