using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using NetKeepAlive.Interop.Netlink;

namespace NetKeepAlive.Interop.Darwin;

/// <summary>TCP_CONNECTION_INFO of macOS: <c>struct tcp_connection_info</c> of xnu <c>bsd/netinet/tcp.h</c>, 112 bytes. It
/// is put into the layout and the units of Linux's <c>struct tcp_info</c>, as far as it goes.</summary>
internal static class TcpConnectionInfo
{
    internal const int Option = 0x106;
    internal const int Size = 112;

    // bsd/netinet/tcp_fsm.h against include/net/tcp_states.h, by number: closed, listen, SYN sent, SYN received,
    // established, close wait, FIN wait 1, closing, last ACK, FIN wait 2, time wait.
    private static readonly byte[] States = [7, 10, 2, 3, 1, 8, 4, 11, 9, 5, 6];

    /// <summary>The fields of <c>struct tcp_info</c> that macOS tells.</summary>
    internal static readonly IReadOnlySet<int> Told = new HashSet<int>
    {
        TcpInfoLayout.State, TcpInfoLayout.RetransmitTimeout, TcpInfoLayout.SendMaximumSegment,
        TcpInfoLayout.RoundTripTime, TcpInfoLayout.RoundTripVariation, TcpInfoLayout.SlowStartThreshold,
        TcpInfoLayout.CongestionWindow, TcpInfoLayout.TotalRetransmits, TcpInfoLayout.BytesReceived,
        TcpInfoLayout.SegmentsSent, TcpInfoLayout.SegmentsReceived, TcpInfoLayout.BytesSent,
        TcpInfoLayout.BytesRetransmitted, TcpInfoLayout.SendWindow, TcpInfoLayout.ReceiveWindow,
    };

    /// <summary>What is in the send buffer, unsent and unacknowledged, in bytes.</summary>
    internal static uint SendQueue(ReadOnlySpan<byte> info) => MemoryMarshal.Read<uint>(info[32..]);

    /// <summary>Puts what macOS tells into the layout of Linux.</summary>
    internal static byte[] ToTcpInfo(ReadOnlySpan<byte> info)
    {
        byte[] to = new byte[TcpInfoLayout.ReceiveWindow + sizeof(uint)];
        uint segment = Math.Max(1, UInt32(info, 16));
        to[TcpInfoLayout.State] = info[0] < States.Length ? States[info[0]] : (byte)7;
        Put(to, TcpInfoLayout.RetransmitTimeout, UInt32(info, 12) * 1000);
        Put(to, TcpInfoLayout.SendMaximumSegment, UInt32(info, 16));
        Put(to, TcpInfoLayout.SlowStartThreshold, UInt32(info, 20) / segment);
        Put(to, TcpInfoLayout.CongestionWindow, UInt32(info, 24) / segment);
        Put(to, TcpInfoLayout.SendWindow, UInt32(info, 28));
        Put(to, TcpInfoLayout.ReceiveWindow, UInt32(info, 36));
        Put(to, TcpInfoLayout.RoundTripTime, UInt32(info, 44) * 1000);
        Put(to, TcpInfoLayout.RoundTripVariation, UInt32(info, 48) * 1000);
        Put(to, TcpInfoLayout.SegmentsSent, (uint)UInt64(info, 56));
        Put(to, TcpInfoLayout.BytesSent, UInt64(info, 64));
        Put(to, TcpInfoLayout.BytesRetransmitted, UInt64(info, 72));
        Put(to, TcpInfoLayout.SegmentsReceived, (uint)UInt64(info, 80));
        Put(to, TcpInfoLayout.BytesReceived, UInt64(info, 88));
        Put(to, TcpInfoLayout.TotalRetransmits, (uint)UInt64(info, 104));
        return to;
    }

    private static uint UInt32(ReadOnlySpan<byte> info, int offset) => MemoryMarshal.Read<uint>(info[offset..]);

    private static ulong UInt64(ReadOnlySpan<byte> info, int offset) => MemoryMarshal.Read<ulong>(info[offset..]);

    private static void Put<T>(byte[] to, int offset, T value)
        where T : struct => MemoryMarshal.Write(to.AsSpan(offset), value);
}
