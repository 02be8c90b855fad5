using System;
using NetKeepAlive.Options;

namespace NetKeepAlive.Waiting;

/// <summary>A point in time until which to wait, and how long that was to be; the default waits for ever.</summary>
internal readonly struct Deadline
{
    private readonly TimeSpan? _asked;
    private readonly long _ticks;

    private Deadline(TimeSpan asked, long ticks)
    {
        _asked = asked;
        _ticks = ticks;
    }

    /// <summary>Waits for ever.</summary>
    internal static Deadline Never => default;

    /// <summary>Does not wait.</summary>
    internal static Deadline Now => new(TimeSpan.Zero, 0);

    /// <summary>So much time from now; null is for ever.</summary>
    internal static Deadline After(TimeSpan? time) => time is { } span
        ? new Deadline(span, Environment.TickCount64 + Math.Max(0, (long)Math.Ceiling(span.TotalMilliseconds)))
        : Never;

    /// <summary>Is the time over?</summary>
    internal bool IsOver => _asked is not null && Environment.TickCount64 >= _ticks;

    /// <summary>What is left, as poll(2) takes it: -1 is for ever; a wait longer than 24 days is cut to that and begun
    /// anew.</summary>
    internal int RemainingMilliseconds =>
        _asked is null ? -1 : (int)Math.Clamp(_ticks - Environment.TickCount64, 0, int.MaxValue);

    /// <summary>The earlier of two.</summary>
    internal static Deadline Earlier(Deadline a, Deadline b) =>
        a._asked is null ? b : b._asked is null ? a : a._ticks <= b._ticks ? a : b;

    /// <summary>The error of a wait whose time is over.</summary>
    /// <param name="what">What was tried on what, and what did not come: <c>accept 0.0.0.0:80: nobody
    /// connected</c>.</param>
    internal TimeoutException TimedOut(string what) => new(Say(what));

    /// <summary>The words of that error.</summary>
    internal string Say(string what) => $"{what} within {Duration.Format(_asked)}.";
}
