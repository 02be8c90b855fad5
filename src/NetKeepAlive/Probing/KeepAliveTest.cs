using System;
using System.Diagnostics;
using NetKeepAlive.Addresses;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Interop;
using NetKeepAlive.Options;

namespace NetKeepAlive.Probing;

/// <summary>
/// Shows whether the peer of a connection answers keep-alive probes. It sets the knobs, leaves the connection idle, and
/// watches the kernel's account of it. Who polls drives it; it owns no thread.
/// </summary>
/// <remarks>
/// What the kernel tells (Linux <c>net/ipv4/tcp_timer.c</c>, <c>tcp_input.c</c>): a probe that is sent counts as a
/// segment without data and adds one to <c>tcpi_probes</c>; any acceptable acknowledgement sets that to zero and
/// <c>tcpi_last_ack_recv</c> to now. The peer's own probes count as segments received but never as acknowledgements, so
/// they cannot be taken for answers. While data is unacknowledged no probe is sent.
/// </remarks>
internal sealed class KeepAliveTest : IDisposable
{
    // An acknowledgement is a new one if its time moved by more than the kernel's clock is coarse.
    private static readonly TimeSpan ClockGrain = TimeSpan.FromMilliseconds(50);

    private readonly WatchedSocket _socket;
    private readonly TcpKeepAlive _before;
    private readonly TcpKeepAlive _effective;
    private readonly TimeSpan? _timeout;
    private readonly long _start;
    private TcpInfo _last;
    private TimeSpan _lastAt;
    private TimeSpan _lastProbeAt;
    private int _sent;
    private int _unanswered;
    private int _lostBesideData;
    private bool _acknowledged;
    private bool _restored;
    private bool _askedAgain;
    private SecondConnection? _second;

    private KeepAliveTest(
        WatchedSocket socket, TcpKeepAlive before, TcpKeepAlive effective, TcpInfo first, TimeSpan? timeout)
    {
        _socket = socket;
        _before = before;
        _effective = effective;
        _timeout = timeout;
        _last = first;
        _start = Stopwatch.GetTimestamp();
        Expected = Predict(effective, first);
    }

    /// <summary>What is tested.</summary>
    internal WatchedSocket Socket => _socket;

    /// <summary>When the kernel gives up a peer that answers nothing, from the start.</summary>
    internal TimeSpan Expected { get; }

    /// <summary>Time since the start.</summary>
    internal TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

    /// <summary>Probes not answered so far.</summary>
    internal int ProbesUnanswered => _last.Probes;

    /// <summary>Sets the knobs and begins to watch. Keep-alive goes off and on again, so that the first probe comes
    /// after the idle time, however long the connection was idle before.</summary>
    /// <param name="socket">What to test.</param>
    /// <param name="knobs">Idle time, interval and probe count.</param>
    /// <param name="timeout">When to give up; null waits for a verdict.</param>
    /// <exception cref="NativeSocketException">The socket cannot be reached, is not TCP or not connected.</exception>
    internal static KeepAliveTest Start(WatchedSocket socket, TcpKeepAlive knobs, TimeSpan? timeout)
    {
        knobs.Check();
        using SocketReference open = socket.Open();
        TcpInfo state = TcpInfo.Read(open.Handle);
        if (!WatchedSocket.CanProbe(state.State))
        {
            throw new NativeSocketException(
                "keep-alive test", Errno.ENOTCONN, socket.Description,
                $"Probes are sent on established connections; this one is in state {state.State}.");
        }

        TcpKeepAlive before = TcpKeepAlive.Read(open.Handle);
        try
        {
            new TcpKeepAlive { Enabled = false }.Apply(open.Handle);
            (knobs with { Enabled = true }).Apply(open.Handle);
            return new KeepAliveTest(
                socket, before, TcpKeepAlive.Read(open.Handle), TcpInfo.Read(open.Handle), timeout);
        }
        catch (NativeSocketException)
        {
            (before with { UserTimeout = null }).Apply(open.Handle);
            throw;
        }
    }

    /// <summary>Looks once.</summary>
    /// <returns>The verdict, with the settings put back; null while there is none.</returns>
    internal TcpKeepAliveTestResult? Poll()
    {
        TcpInfo? now = _socket.ReadInfo();
        TimeSpan at = Elapsed;
        TcpKeepAliveTestResult? verdict = now is null
            ? Ended(at, null)
            : !WatchedSocket.CanProbe(now.State) ? Ended(at, now) : Watch(at, now);
        if (verdict is null && _timeout is { } limit && at >= limit)
        {
            verdict = OutOfTime(at, limit);
        }

        if (verdict is not null)
        {
            Dispose();
        }

        return verdict;
    }

    /// <summary>Puts the settings back as they were.</summary>
    public void Dispose()
    {
        if (_restored)
        {
            return;
        }

        _restored = true;
        _second?.Dispose();
        try
        {
            using SocketReference open = _socket.Open();
            (_before with { UserTimeout = null }).Apply(open.Handle);
        }
        catch (Exception gone) when (gone is NativeSocketException or ObjectDisposedException)
        {
            // The socket is gone, and its settings with it.
        }
    }

    private static TimeSpan Predict(TcpKeepAlive settings, TcpInfo first)
    {
        TimeSpan idle = settings.IdleTime ?? default;
        TimeSpan interval = settings.Interval ?? default;
        if (settings.UserTimeout is { Ticks: > 0 } limit)
        {
            // It counts from the last that was heard of the peer, and is asked at each probe after the first.
            TimeSpan silent = first.LastAckReceived < first.LastDataReceived
                ? first.LastAckReceived
                : first.LastDataReceived;
            long intervals = OptionCodecs.Units(limit - silent - idle, interval.Ticks);
            return idle + (interval * Math.Max(first.Probes > 0 ? 0 : 1, intervals));
        }

        return idle + (interval * Math.Max(0, (settings.ProbeCount ?? 0) - first.Probes));
    }

    private TcpKeepAliveTestResult? Watch(TimeSpan at, TcpInfo now)
    {
        bool dataMoved = now.DataSegmentsSent != _last.DataSegmentsSent
            || now.DataSegmentsReceived != _last.DataSegmentsReceived
            || now.BytesAcknowledged != _last.BytesAcknowledged;
        TimeSpan ackAt = at - now.LastAckReceived;
        bool newAck = ackAt > ClockGrain && ackAt > _lastAt - _last.LastAckReceived + ClockGrain;
        bool sentWithoutData = now.SegmentsSent - now.DataSegmentsSent > _last.SegmentsSent - _last.DataSegmentsSent;
        TcpInfo last = _last;
        (_last, _lastAt) = (now, at);
        _acknowledged |= newAck;

        if (now.Probes > last.Probes)
        {
            _sent += now.Probes - last.Probes;
            _unanswered += now.Probes - last.Probes;
            _lastProbeAt = at;
        }
        else if (now.Probes < last.Probes && !dataMoved)
        {
            _unanswered--;
            return Alive(at, true, _lostBesideData > 0 || last.Probes > 1
                ? $"The peer answered the last of {_sent} probes."
                : "The peer answered a keep-alive probe.");
        }
        else if (now.Probes < last.Probes)
        {
            // Something else got through. A probe that is just under way shows nothing.
            _lostBesideData += at - _lastProbeAt > (_effective.Interval ?? default) / 2 ? last.Probes : last.Probes - 1;
            if (_lostBesideData > 1)
            {
                return Alive(at, false, $"Data got through while {_lostBesideData} keep-alive probes were not answered: "
                    + "something on the path (a firewall, a NAT, a load balancer) drops keep-alive probes.");
            }
        }
        else if (now.Probes == 0 && newAck && sentWithoutData && !dataMoved)
        {
            _sent++;
            return Alive(at, true, "The peer answered a keep-alive probe.");
        }

        AskAgain(at, now);
        return Overdue(at, now);
    }

    private TcpKeepAliveTestResult? Overdue(TimeSpan at, TcpInfo now)
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

        return now.Unacknowledged > 0 || now.NotSentBytes > 0
            ? Dead(at, null, "Sent data is not acknowledged. Meanwhile the kernel sends no keep-alive probe; it gives "
                + "up after its retransmissions, by default after about 15 minutes. Set-TcpKeepAlive -UserTimeout "
                + "shortens that.")
            : Dead(at, null, "No answer was seen, and the kernel has not given up the connection either.");
    }

    private TcpKeepAliveTestResult Ended(TimeSpan at, TcpInfo? now)
    {
        // Nothing came, and the last probe had its interval: the kernel's own verdict. A user timeout may come an
        // interval earlier than predicted, since its clock is coarser than the one that the prediction reads.
        bool heardNothing = now is not null && now.SegmentsReceived == _last.SegmentsReceived
            && at - _lastProbeAt > (_effective.Interval ?? default) * 0.8;
        if (_last.Probes > 0 && (heardNothing || at >= Expected - TimeSpan.FromMilliseconds(500)))
        {
            return _second?.Succeeded is true
                ? Dead(at, false, "No probe was answered and the kernel gave up the connection, yet "
                    + $"{SocketName.Text(_socket.Remote!)} still accepts new ones: something on the path (a firewall, a NAT, a load "
                    + "balancer) drops keep-alive probes, or has forgotten this connection.")
                : Dead(at, null, "No probe was answered; the kernel gave up the connection (ETIMEDOUT).");
        }

        if (now is null)
        {
            return Dead(at, null, _socket.DescribeEnd());
        }

        if (now.SegmentsReceived > _last.SegmentsReceived)
        {
            // The answer to a probe that was not seen on its way.
            _sent += now.SegmentsSent > _last.SegmentsSent ? 1 : 0;
            return Dead(at, true, "The peer answered with a reset (ECONNRESET): it no longer knows the connection.");
        }

        return Dead(at, null, $"The connection ended while the test ran (state {now.State}).");
    }

    private TcpKeepAliveTestResult OutOfTime(TimeSpan at, TimeSpan limit)
    {
        string time = Duration.Format(limit);
        string reason = _acknowledged
            ? "The connection was not idle: the peer acknowledged data."
            : _sent == 0
                ? $"No probe was sent within {time}: the idle time is {Duration.Format(_effective.IdleTime ?? default)}."
                : $"No probe was answered within {time}; the kernel gives up after {Duration.Format(Expected)}.";
        return _acknowledged ? Alive(at, null, reason) : Dead(at, null, reason) with { TimedOut = true };
    }

    /// <summary>When all probes are out and unanswered, a second connection shows whether the host itself is silent.
    /// It takes no time: there is an interval left until the kernel gives up.</summary>
    private void AskAgain(TimeSpan at, TcpInfo now)
    {
        if (!_askedAgain && _unanswered > 0 && now.Probes > 0
            && at >= Expected - ((_effective.Interval ?? default) / 2))
        {
            _askedAgain = true;
            _second = SecondConnection.Start(_socket.Local, _socket.Remote);
        }
    }

    private TcpKeepAliveTestResult Alive(TimeSpan at, bool? path, string reason) => Result(at, true, path, reason);

    private TcpKeepAliveTestResult Dead(TimeSpan at, bool? path, string reason) => Result(at, false, path, reason);

    private TcpKeepAliveTestResult Result(TimeSpan at, bool alive, bool? path, string reason) => new()
    {
        Alive = alive,
        PathCarriesKeepAlive = path,
        ProbesSent = _sent,
        ProbesUnanswered = Math.Max(0, _unanswered),
        Elapsed = at,
        Expected = Expected,
        Reason = reason,
        Connection = _socket.Holder,
    };
}
