using System;
using System.Diagnostics;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Interop;
using NetKeepAlive.Options;

namespace NetKeepAlive.Probing;

/// <summary>
/// Shows whether the peer of a connection answers keep-alive probes. It sets the times, leaves the connection idle, and
/// watches the kernel's statistics of it. Who polls drives it; it owns no thread.
/// </summary>
/// <remarks>
/// What the kernel tells (Linux <c>net/ipv4/tcp_timer.c</c>, <c>tcp_input.c</c>): a probe that is sent counts as a
/// segment without data and adds one to <c>tcpi_probes</c>; any acceptable acknowledgement sets that to zero and
/// <c>tcpi_last_ack_recv</c> to now. The peer's own probes count as segments received but never as acknowledgements, so
/// they cannot be taken for answers. While data is unacknowledged, or waits for a window, no keep-alive probe is sent;
/// the probes of a closed window are counted in the same fields.
/// </remarks>
internal sealed partial class KeepAliveTest : IDisposable
{
    // An acknowledgement is a new one if its time moved by more than the kernel's clock is coarse.
    private static readonly TimeSpan ClockGrain = TimeSpan.FromMilliseconds(50);

    private readonly WatchedSocket _socket;
    private readonly SavedKeepAlive _saved;
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
    private bool _askedAgain;
    private SecondConnection? _second;

    private KeepAliveTest(
        WatchedSocket socket, SavedKeepAlive saved, TcpKeepAlive effective, TcpInfo first, TimeSpan? timeout)
    {
        _socket = socket;
        _saved = saved;
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
    internal int ProbesUnanswered => _last.Probes ?? 0;

    /// <summary>Why the socket kept settings of the test, though it is still there; null where it has its own
    /// back.</summary>
    internal NativeSocketException? RestoreFailure => _saved.Failure;

    /// <summary>Sets the times and begins to watch. Keep-alive goes off and on again, so that the first probe comes
    /// after the idle time, however long the connection was idle before.</summary>
    /// <param name="socket">What to test.</param>
    /// <param name="settings">Idle time, interval and probe count.</param>
    /// <param name="timeout">When to give up; null waits for a verdict.</param>
    /// <exception cref="NativeSocketException">The socket cannot be reached, is not TCP or not connected, or could not
    /// be given its settings back; nothing was changed.</exception>
    internal static KeepAliveTest Start(WatchedSocket socket, TcpKeepAlive settings, TimeSpan? timeout)
    {
        settings.Check();
        using SocketReference open = socket.Open();
        TcpInfo state = TcpInfo.Read(open.Handle);
        if (!WatchedSocket.CanProbe(state.State))
        {
            throw new NativeSocketException(
                "keep-alive test", Errno.ENOTCONN, socket.Description,
                $"Probes are sent on established connections; this one is in state {state.State}.");
        }

        SavedKeepAlive saved = SavedKeepAlive.Of(socket, open.Handle);
        try
        {
            saved.Change(() =>
            {
                new TcpKeepAlive { Enabled = false }.Apply(open.Handle);
                (settings with { Enabled = true }).Apply(open.Handle);
            });
            TcpInfo first = socket.ReadInfo() ?? throw new NativeSocketException(
                "keep-alive test", Errno.ENOTCONN, socket.Description, socket.DescribeEnd());
            return new KeepAliveTest(socket, saved, TcpKeepAlive.Read(open.Handle), first, timeout);
        }
        catch
        {
            saved.Dispose();
            throw;
        }
    }

    /// <summary>Looks once.</summary>
    /// <returns>The verdict, with the settings put back; null while there is none.</returns>
    internal TcpKeepAliveTestResult? Poll()
    {
        TimeSpan asked = Elapsed;
        TcpInfo? now = _socket.ReadInfo();
        TimeSpan at = Elapsed;
        TcpKeepAliveTestResult? verdict = now is null
            ? Nothing(at, _socket.DescribeEnd(), Ending.Gone)
            : !WatchedSocket.CanProbe(now.State) ? Ended(at, now)
            : now.Probes is null ? WatchSegments(at, now)
            : Watch(asked, at, now);
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
        _saved.Dispose();
        _second?.Dispose();
        _second = null;
    }

    private static TimeSpan Predict(TcpKeepAlive settings, TcpInfo first)
    {
        TimeSpan idle = settings.IdleTime ?? default;
        TimeSpan interval = settings.Interval ?? default;
        if (Abi.Current.UserTimeoutEndsProbes && settings.UserTimeout is { Ticks: > 0 } limit)
        {
            // It counts from the last that was heard of the peer, and is asked at each probe after the first.
            TimeSpan silent = (first.LastAckReceived < first.LastDataReceived
                ? first.LastAckReceived
                : first.LastDataReceived) ?? default;
            long intervals = OptionCodecs.Units(limit - silent - idle, interval.Ticks);
            return idle + (interval * Math.Max(first.Probes > 0 ? 0 : 1, intervals));
        }

        return idle + (interval * Math.Max(0, (settings.ProbeCount ?? 0) - (first.Probes ?? 0)));
    }
}
