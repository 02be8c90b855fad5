using System;
using System.Runtime.InteropServices;
using NetKeepAlive.Interop.Netlink;

namespace NetKeepAlive.Interop;

/// <summary>How far the peer of a TCP connection on which sending is shut down has got.</summary>
/// <param name="IsUnderWay">Has it not acknowledged all of it, the end among it?</param>
/// <param name="Position">A number that changes with every acknowledgement.</param>
internal readonly record struct SendProgress(bool IsUnderWay, long Position)
{
    // include/net/tcp_states.h: FIN wait 1, last ACK, closing. Each waits for the acknowledgement of this side's end.
    private const int FinWait1 = 4;
    private const int LastAck = 9;
    private const int Closing = 11;

    /// <summary>Asks the kernel. Where that has nothing to acknowledge, as on a Unix socket, all has arrived.</summary>
    internal static SendProgress Of(SafeHandle connection)
    {
        try
        {
            ReadOnlySpan<byte> info = Abi.Current.TcpInfo.Read(connection, out long? sendQueue).Span;
            return new(
                info[TcpInfoLayout.State] is FinWait1 or LastAck or Closing,
                -sendQueue ?? (info.Length < TcpInfoLayout.BytesReceived
                    ? 0
                    : MemoryMarshal.Read<long>(info[TcpInfoLayout.BytesAcknowledged..])));
        }
        catch (NativeSocketException)
        {
            return default;
        }
    }
}
