using System;

namespace NetKeepAlive.Probing;

/// <content>What the numbers of segments show, where the kernel does not tell of its probes (macOS).</content>
internal sealed partial class KeepAliveTest
{
    // Only a segment that comes when a probe is due counts: at another time it may be a probe of the peer's own.
    private TcpKeepAliveTestResult? WatchSegments(TimeSpan at, TcpInfo now)
    {
        TcpInfo last = _last;
        (_last, _lastAt) = (now, at);
        if (now.BytesSent != last.BytesSent || now.BytesReceived != last.BytesReceived)
        {
            _acknowledged = true;
            return Overdue(at);
        }

        bool sent = now.SegmentsSent > last.SegmentsSent;
        _sent += sent ? 1 : 0;
        bool isDue = at >= (_effective.IdleTime ?? default) - TimeSpan.FromMilliseconds(500);
        return isDue && now.SegmentsReceived > last.SegmentsReceived
            ? Alive(at, true, "The peer answered when a keep-alive probe was due.")
            : Overdue(at);
    }
}
