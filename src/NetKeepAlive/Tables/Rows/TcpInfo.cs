using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using NetKeepAlive.Interop.Netlink;
using NetKeepAlive.Tables;

namespace NetKeepAlive;

/// <summary>
/// The kernel's own statistics of a TCP connection at one moment: <c>struct tcp_info</c> of Linux's <c>linux/tcp.h</c>.
/// Durations are TimeSpans; sums of time and counts of bytes say their unit in their name. What an older kernel, or macOS,
/// does not tell is null.
/// </summary>
public sealed class TcpInfo
{
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly IReadOnlySet<int>? _told;

    /// <summary>The statistics of a socket.</summary>
    /// <param name="bytes">The structure.</param>
    /// <param name="told">Which of its fields the system told; null is all that it has room for.</param>
    internal TcpInfo(ReadOnlyMemory<byte> bytes, IReadOnlySet<int>? told = null)
    {
        _bytes = bytes;
        _told = told;
    }

    /// <summary>This side's address; null where it was not asked for, as are the other three.</summary>
    public string? LocalAddress { get; internal init; }

    /// <summary>This side's port.</summary>
    public int? LocalPort { get; internal init; }

    /// <summary>The peer's address.</summary>
    public string? RemoteAddress { get; internal init; }

    /// <summary>The peer's port.</summary>
    public int? RemotePort { get; internal init; }

    /// <summary>The network namespace that the socket is in; null where it is that of this process.</summary>
    public string? NetworkNamespace { get; internal init; }

    /// <summary>The state of the connection.</summary>
    public TcpConnectionState State => KernelState.FromKernel(Byte(TcpInfoLayout.State) ?? 0);

    /// <summary>What congestion control is doing: Open, Disorder, WindowReduced, Recovery or Loss.</summary>
    public TcpCongestionState? CongestionState => Byte(TcpInfoLayout.CongestionState) is { } state
        ? TcpCongestionState.Open + state
        : null;

    /// <summary>How many times in a row the oldest unacknowledged data was sent again.</summary>
    public int? Retransmits => Byte(TcpInfoLayout.Retransmits);

    /// <summary>Keep-alive or zero-window probes that were sent since the peer last answered.</summary>
    public int? Probes => Byte(TcpInfoLayout.Probes);

    /// <summary>How often the retransmission timeout was doubled.</summary>
    public int? Backoff => Byte(TcpInfoLayout.Backoff);

    /// <summary>Time after which unacknowledged data is sent again.</summary>
    public TimeSpan RetransmitTimeout => Microseconds(TcpInfoLayout.RetransmitTimeout);

    /// <summary>Smoothed round-trip time.</summary>
    public TimeSpan RoundTripTime => Microseconds(TcpInfoLayout.RoundTripTime);

    /// <summary>Mean deviation of the round-trip time.</summary>
    public TimeSpan RoundTripVariation => Microseconds(TcpInfoLayout.RoundTripVariation);

    /// <summary>The smallest round-trip time seen lately; null where it was never measured.</summary>
    public TimeSpan? MinimumRoundTripTime =>
        UInt32(TcpInfoLayout.MinimumRoundTripTime) is { } us and not uint.MaxValue
            ? TimeSpan.FromMicroseconds(us)
            : null;

    /// <summary>Segments that were sent and not yet acknowledged; of a listener, connections that wait to be
    /// accepted.</summary>
    public long? Unacknowledged => UInt32(TcpInfoLayout.Unacknowledged);

    /// <summary>Segments that the peer acknowledged selectively; of a listener, how many connections may
    /// wait.</summary>
    public long? SelectivelyAcknowledged => UInt32(TcpInfoLayout.SelectivelyAcknowledged);

    /// <summary>Segments thought lost.</summary>
    public long? Lost => UInt32(TcpInfoLayout.Lost);

    /// <summary>Segments that were sent again and not yet acknowledged.</summary>
    public long? Retransmitted => UInt32(TcpInfoLayout.Retransmitted);

    /// <summary>Segments that were sent again since the connection began.</summary>
    public long TotalRetransmits => UInt32(TcpInfoLayout.TotalRetransmits) ?? 0;

    /// <summary>Time since data was last sent.</summary>
    public TimeSpan? LastDataSent => Milliseconds(TcpInfoLayout.LastDataSent);

    /// <summary>Time since data last came.</summary>
    public TimeSpan? LastDataReceived => Milliseconds(TcpInfoLayout.LastDataReceived);

    /// <summary>Time since the peer last acknowledged anything, a keep-alive probe too.</summary>
    public TimeSpan? LastAckReceived => Milliseconds(TcpInfoLayout.LastAckReceived);

    /// <summary>Largest segment to send, in bytes.</summary>
    public long SendMaximumSegmentBytes => UInt32(TcpInfoLayout.SendMaximumSegment) ?? 0;

    /// <summary>Largest segment received, in bytes.</summary>
    public long? ReceiveMaximumSegmentBytes => UInt32(TcpInfoLayout.ReceiveMaximumSegment);

    /// <summary>Largest packet that the path takes, in bytes.</summary>
    public long? PathMtuBytes => UInt32(TcpInfoLayout.PathMtu);

    /// <summary>Congestion window in segments.</summary>
    public long CongestionWindow => UInt32(TcpInfoLayout.CongestionWindow) ?? 0;

    /// <summary>Congestion window in segments below which it grows by slow start; null while there is no
    /// limit.</summary>
    public long? SlowStartThreshold =>
        UInt32(TcpInfoLayout.SlowStartThreshold) is { } segments and < int.MaxValue ? segments : null;

    /// <summary>The peer's receive window, in bytes.</summary>
    public long? SendWindowBytes => UInt32(TcpInfoLayout.SendWindow);

    /// <summary>This side's receive window, in bytes.</summary>
    public long? ReceiveWindowBytes => UInt32(TcpInfoLayout.ReceiveWindow);

    /// <summary>Bytes that came and were not read yet; null of a listener, and where the system's table does not list
    /// the socket.</summary>
    public long? ReceiveQueue { get; internal init; }

    /// <summary>Bytes written that the peer has not acknowledged; null of a listener, and where the system's table does
    /// not list the socket.</summary>
    public long? SendQueue { get; internal init; }

    /// <summary>Of a listener, connections that wait to be accepted.</summary>
    public long? AcceptQueue { get; internal init; }

    /// <summary>Of a listener, how many connections may wait to be accepted.</summary>
    public long? Backlog { get; internal init; }

    /// <summary>Bytes written that were not yet sent at all.</summary>
    public long? NotSentBytes => UInt32(TcpInfoLayout.NotSent);

    /// <summary>Bytes sent, those sent again included.</summary>
    public long? BytesSent => UInt64(TcpInfoLayout.BytesSent);

    /// <summary>Bytes sent again.</summary>
    public long? BytesRetransmitted => UInt64(TcpInfoLayout.BytesRetransmitted);

    /// <summary>Bytes that the peer acknowledged.</summary>
    public long? BytesAcknowledged => UInt64(TcpInfoLayout.BytesAcknowledged);

    /// <summary>Bytes received; Linux counts the peer's end as one.</summary>
    public long? BytesReceived => UInt64(TcpInfoLayout.BytesReceived);

    /// <summary>Segments sent, with and without data.</summary>
    public long? SegmentsSent => UInt32(TcpInfoLayout.SegmentsSent);

    /// <summary>Segments received, with and without data.</summary>
    public long? SegmentsReceived => UInt32(TcpInfoLayout.SegmentsReceived);

    /// <summary>Segments with data sent.</summary>
    public long? DataSegmentsSent => UInt32(TcpInfoLayout.DataSegmentsSent);

    /// <summary>Segments with data received.</summary>
    public long? DataSegmentsReceived => UInt32(TcpInfoLayout.DataSegmentsReceived);

    /// <summary>Rate at which data lately reached the peer, in bytes a second.</summary>
    public long? DeliveryRateBytes => UInt64(TcpInfoLayout.DeliveryRate);

    /// <summary>Rate at which sending is paced, in bytes a second; null where it is not.</summary>
    public long? PacingRateBytes => UInt64(TcpInfoLayout.PacingRate) is { } rate and >= 0 ? rate : null;

    /// <summary>Seconds in which there was data to send.</summary>
    public double? BusySeconds => Seconds64(TcpInfoLayout.BusyTime);

    /// <summary>Seconds in which the peer's window held data back.</summary>
    public double? ReceiveWindowLimitedSeconds => Seconds64(TcpInfoLayout.ReceiveWindowLimited);

    /// <summary>Seconds in which the send buffer held data back.</summary>
    public double? SendBufferLimitedSeconds => Seconds64(TcpInfoLayout.SendBufferLimited);

    /// <summary>The connection that this is of, in words.</summary>
    public string? Connection { get; internal init; }

    /// <summary>The structure as the kernel gave it.</summary>
    internal ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>Reads the kernel's statistics of a TCP socket.</summary>
    /// <exception cref="NativeSocketException">Not a TCP socket.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public static TcpInfo Read(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        return Read(socket.SafeHandle);
    }

    /// <summary>Reads the statistics of a socket: getsockopt(2) with TCP_INFO, on macOS with
    /// TCP_CONNECTION_INFO.</summary>
    /// <exception cref="NativeSocketException">Not a TCP socket.</exception>
    internal static TcpInfo Read(SafeHandle socket, string? connection = null)
    {
        Interop.TcpInfoOption option = Interop.Abi.Current.TcpInfo;
        ReadOnlyMemory<byte> info = option.Read(socket, out long? sendQueue);
        return new TcpInfo(info, option.Told) { Connection = connection, SendQueue = sendQueue };
    }

    /// <summary>A line for where there is room for no more, with what the system tells: <c>rtt 0.1 ms, 3 unacknowledged,
    /// 0 probes</c>.</summary>
    public override string ToString() => string.Join(
        ", ",
        new[]
        {
            Say(RoundTripTime.TotalMilliseconds, "rtt", "ms"), Say(Unacknowledged, null, "unacknowledged"),
            Say(TotalRetransmits, null, "retransmits"), Say(Probes, null, "probes"),
            Say(LastAckReceived?.TotalSeconds, "last ack", "s ago"),
        }.Where(static it => it is not null));

    private static string? Say(double? value, string? before, string after) => value is { } known
        ? string.Create(CultureInfo.InvariantCulture, $"{before} {known:0.###} {after}").TrimStart()
        : null;

    private byte? Byte(int offset) => Has(offset, sizeof(byte)) ? _bytes.Span[offset] : null;

    private bool Has(int offset, int size) =>
        offset + size <= _bytes.Length && (_told is null || _told.Contains(offset));

    private uint? UInt32(int offset) =>
        Has(offset, sizeof(uint)) ? MemoryMarshal.Read<uint>(_bytes.Span[offset..]) : null;

    private long? UInt64(int offset) =>
        Has(offset, sizeof(long)) ? MemoryMarshal.Read<long>(_bytes.Span[offset..]) : null;

    private TimeSpan Microseconds(int offset) => TimeSpan.FromMicroseconds(UInt32(offset) ?? 0);

    private TimeSpan? Milliseconds(int offset) =>
        UInt32(offset) is { } time ? TimeSpan.FromMilliseconds(time) : null;

    private double? Seconds64(int offset) => UInt64(offset) is { } us and >= 0 ? us / 1_000_000.0 : null;
}
