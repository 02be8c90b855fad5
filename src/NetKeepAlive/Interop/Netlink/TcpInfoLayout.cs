namespace NetKeepAlive.Interop.Netlink;

/// <summary>Where the fields of <c>struct tcp_info</c> lie, in bytes: <c>linux/tcp.h</c>. The structure only ever grows
/// at its end, so a kernel's length tells what it has.</summary>
internal static class TcpInfoLayout
{
    /// <summary>TCP_INFO of getsockopt(2).</summary>
    internal const int Option = 11;

    /// <summary>More than any kernel writes.</summary>
    internal const int BufferSize = 512;

    internal const int State = 0;
    internal const int CongestionState = 1;
    internal const int Retransmits = 2;
    internal const int Probes = 3;
    internal const int Backoff = 4;
    internal const int RetransmitTimeout = 8;
    internal const int SendMaximumSegment = 16;
    internal const int ReceiveMaximumSegment = 20;
    internal const int Unacknowledged = 24;
    internal const int SelectivelyAcknowledged = 28;
    internal const int Lost = 32;
    internal const int Retransmitted = 36;
    internal const int LastDataSent = 44;
    internal const int LastDataReceived = 52;
    internal const int LastAckReceived = 56;
    internal const int PathMtu = 60;
    internal const int RoundTripTime = 68;
    internal const int RoundTripVariation = 72;
    internal const int SlowStartThreshold = 76;
    internal const int CongestionWindow = 80;
    internal const int TotalRetransmits = 100;
    internal const int PacingRate = 104;
    internal const int BytesAcknowledged = 120;
    internal const int BytesReceived = 128;
    internal const int SegmentsSent = 136;
    internal const int SegmentsReceived = 140;
    internal const int NotSent = 144;
    internal const int MinimumRoundTripTime = 148;
    internal const int DataSegmentsReceived = 152;
    internal const int DataSegmentsSent = 156;
    internal const int DeliveryRate = 160;
    internal const int BusyTime = 168;
    internal const int ReceiveWindowLimited = 176;
    internal const int SendBufferLimited = 184;
    internal const int BytesSent = 200;
    internal const int BytesRetransmitted = 208;
    internal const int SendWindow = 228;
    internal const int ReceiveWindow = 232;
}
