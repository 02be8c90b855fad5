using System;
using NetKeepAlive.Addresses;
using NetKeepAlive.Interop;
using NetKeepAlive.Options;

namespace NetKeepAlive.Probing;

/// <content>What the kernel's statistics show.</content>
internal sealed partial class KeepAliveTest
{
    private enum Ending
    {
        TimeUp,
        Gone,
    }

    private TcpKeepAliveTestResult? Watch(TimeSpan asked, TimeSpan at, TcpInfo now)
    {
        bool dataMoved = now.DataSegmentsSent != _last.DataSegmentsSent
            || now.DataSegmentsReceived != _last.DataSegmentsReceived
            || now.BytesAcknowledged != _last.BytesAcknowledged;

        // The kernel answered at some time between the two. By the earlier one for this answer and the later one for the
        // last, an old acknowledgement is never taken for a new one, however long this thread was held off.
        TimeSpan ackAt = asked - (now.LastAckReceived ?? default);
        bool newAck = ackAt > ClockGrain && ackAt > _lastAt - (_last.LastAckReceived ?? default) + ClockGrain;
        bool sentWithoutData = now.SegmentsSent - now.DataSegmentsSent > _last.SegmentsSent - _last.DataSegmentsSent;
        TcpInfo last = _last;
        (int probes, int before) = (now.Probes ?? 0, last.Probes ?? 0);
        (_last, _lastAt) = (now, at);
        _acknowledged |= newAck;
        bool answered = !dataMoved && (probes < before || (probes == 0 && newAck && sentWithoutData));

        if (WaitsForWindow(now) && WaitsForWindow(last))
        {
            // The probes that are counted now ask for the window.
            if (answered)
            {
                return Alive(at, null, "The peer answered a zero-window probe: it is alive, but its receive buffer is "
                    + "full because its program does not read. Meanwhile the kernel sends no keep-alive probe.");
            }
        }
        else if (probes > before)
        {
            _sent += probes - before;
            _unanswered += probes - before;
            _lastProbeAt = at;
        }
        else if (probes < before && answered)
        {
            _unanswered--;
            return Alive(at, true, _lostBesideData > 0 || before > 1
                ? $"The peer answered the last of {_sent} probes."
                : "The peer answered a keep-alive probe.");
        }
        else if (probes < before && !WaitsForWindow(last))
        {
            // Something else got through. A probe that is just under way shows nothing.
            _lostBesideData += at - _lastProbeAt > (_effective.Interval ?? default) / 2 ? before : before - 1;
            if (_lostBesideData > 1)
            {
                return Alive(at, false, $"Data got through while {_lostBesideData} keep-alive probes were not answered: "
                    + "something on the path (a firewall, a NAT, a load balancer) drops keep-alive probes.");
            }
        }
        else if (answered && now.Unacknowledged == 0)
        {
            _sent++;
            return Alive(at, true, "The peer answered a keep-alive probe.");
        }

        AskAgain(at, now);
        return Overdue(at);
    }

    private TcpKeepAliveTestResult? Overdue(TimeSpan at)
    {
        TimeSpan interval = _effective.Interval ?? default;
        if (_sent == 0 && _acknowledged && at >= (_effective.IdleTime ?? default) + interval + ClockGrain)
        {
            return Alive(
                at, null, "The connection was not idle: the peer acknowledged data, so the kernel sent no probe.");
        }

        // The kernel's timers are late by an eighth at the most.
        TimeSpan latest = Expected + (Expected / 8) + TimeSpan.FromSeconds(2);
        if (at < latest)
        {
            return null;
        }

        if (_acknowledged)
        {
            return Alive(at, null, "The peer acknowledged data while the test ran.");
        }

        return DescribeWaitingData() is { } waiting
            ? Dead(at, null, waiting)
            : Nothing(at, "No answer was seen, and the kernel has not given up the connection either.", Ending.TimeUp);
    }

    private TcpKeepAliveTestResult Ended(TimeSpan at, TcpInfo now)
    {
        // Its counters are gone: it was ended here (connect(2) to AF_UNSPEC, as .NET does when it closes a socket that
        // another thread uses), not by the peer.
        if (now.SegmentsReceived < _last.SegmentsReceived)
        {
            return Nothing(at, _socket.DescribeEnd(), Ending.Gone);
        }

        // Nothing came, and the last probe had its interval: the kernel's own verdict. A user timeout may come an
        // interval earlier than predicted, since its clock is coarser than the one that the prediction reads.
        bool heardNothing = now.SegmentsReceived == _last.SegmentsReceived;
        bool isDue = at >= Expected - TimeSpan.FromMilliseconds(500);
        bool hadTime = heardNothing && at - _lastProbeAt > (_effective.Interval ?? default) * 0.8;
        if (heardNothing && HasWaitingData(_last) && (_last.Probes > 0 || _last.Retransmits > 0))
        {
            return Dead(at, null, "Sent data was not acknowledged; the kernel gave up the connection (ETIMEDOUT).");
        }

        if (_last.Probes is null ? heardNothing && isDue : _last.Probes > 0 && (hadTime || isDue))
        {
            return _second?.Succeeded is true
                ? Dead(at, false, "No probe was answered and the kernel gave up the connection, yet "
                    + $"{SocketName.Text(_socket.Remote!)} still accepts new ones: something on the path (a firewall, "
                    + "a NAT, a load balancer) drops keep-alive probes, or has forgotten this connection.")
                : Dead(at, null, "No probe was answered; the kernel gave up the connection (ETIMEDOUT).");
        }

        if (!heardNothing)
        {
            // The answer to a probe that was not seen on its way.
            _sent += now.SegmentsSent > _last.SegmentsSent ? 1 : 0;
            return Dead(at, true, "The peer answered with a reset (ECONNRESET): it no longer knows the connection.");
        }

        return Nothing(at, $"The connection ended while the test ran (state {now.State}).", Ending.Gone);
    }

    private TcpKeepAliveTestResult OutOfTime(TimeSpan at, TimeSpan limit)
    {
        if (_acknowledged)
        {
            return Alive(at, null, "The connection was not idle: the peer acknowledged data.");
        }

        string time = Duration.Format(limit);
        string reason = DescribeWaitingData() is { } waiting
            ? $"Nothing was heard of the peer within {time}. {waiting}"
            : _sent == 0
                ? $"No probe was sent within {time}: the idle time is {Duration.Format(_effective.IdleTime ?? default)}."
                : $"No probe was answered within {time}; the kernel gives up after {Duration.Format(Expected)}.";
        return Nothing(at, reason, Ending.TimeUp);
    }

    private string? DescribeWaitingData() => WaitsForWindow(_last)
        ? "Data waits because the peer's receive window is closed, and zero-window probes are not answered. Meanwhile "
            + "the kernel sends no keep-alive probe."
        : HasWaitingData(_last)
            ? "Sent data is not acknowledged. Meanwhile the kernel sends no keep-alive probe; it gives up after its "
                + "retransmissions, by default after about 15 minutes, or after the user timeout."
            : null;

    private static bool HasWaitingData(TcpInfo info) => info.Unacknowledged > 0 || info.NotSentBytes > 0;

    private static bool WaitsForWindow(TcpInfo info) => info.Unacknowledged == 0 && info.NotSentBytes > 0;

    /// <summary>When all probes are out and unanswered, a second connection shows whether the host itself is silent.
    /// It takes no time: there is an interval left until the kernel gives up.</summary>
    private void AskAgain(TimeSpan at, TcpInfo now)
    {
        if (!_askedAgain && _unanswered > 0 && now.Probes > 0
            && at >= Expected - ((_effective.Interval ?? default) / 2))
        {
            _askedAgain = true;
            _second = SecondConnection.Start(_socket.Local, _socket.Remote, _socket.Network);
        }
    }

    private TcpKeepAliveTestResult Alive(TimeSpan at, bool? path, string reason) => Result(at, true, path, reason);

    private TcpKeepAliveTestResult Dead(TimeSpan at, bool? path, string reason) => Result(at, false, path, reason);

    private TcpKeepAliveTestResult Nothing(TimeSpan at, string reason, Ending ending) =>
        Result(at, null, null, reason) with
        {
            Undecided = ending is Ending.TimeUp
                ? new TimeoutException($"{_socket.Description}: {reason}")
                : new NativeSocketException("keep-alive test", Errno.ENOTCONN, _socket.Description, reason),
        };

    private TcpKeepAliveTestResult Result(TimeSpan at, bool? alive, bool? path, string reason) => new()
    {
        Alive = alive,
        PathCarriesKeepAlive = path,
        ProbesSent = _sent,
        ProbesUnanswered = Math.Max(0, _unanswered),
        Elapsed = at,
        Expected = Expected,
        Reason = reason,
        DataWaits = HasWaitingData(_last),
        Connection = _socket.Holder,
    };
}
