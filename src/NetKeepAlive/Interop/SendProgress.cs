using System;
using System.Runtime.InteropServices;
using NetKeepAlive.Interop.Netlink;

namespace NetKeepAlive.Interop;

/// <summary>How far the peer of a TCP connection on which sending is shut down has got.</summary>
/// <param name="IsUnderWay">Has it not acknowledged all of it, the end among it?</param>
/// <param name="Position">A number that changes with every acknowledgement.</param>
internal readonly record struct SendProgress(bool IsUnderWay, long Position)
{
    /// <summary>Asks the kernel. Where that has nothing to acknowledge, as on a Unix socket, all has arrived.</summary>
    internal static SendProgress Of(SafeHandle connection)
    {
        try
        {
            ReadOnlySpan<byte> info = Abi.Current.TcpInfo.Read(connection, out long? sendQueue).Span;
            return new(
                info[TcpInfoLayout.State]
                    is NetlinkAbi.StateFinWait1 or NetlinkAbi.StateLastAck or NetlinkAbi.StateClosing,
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
