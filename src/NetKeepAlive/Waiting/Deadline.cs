using System;

namespace NetKeepAlive.Waiting;

/// <summary>A point in time until which to wait; the default waits for ever.</summary>
internal readonly struct Deadline
{
    private readonly long _ticks;
    private readonly bool _isSet;

    private Deadline(long ticks)
    {
        _ticks = ticks;
        _isSet = true;
    }

    /// <summary>Waits for ever.</summary>
    internal static Deadline Never => default;

    /// <summary>Does not wait.</summary>
    internal static Deadline Now => new(0);

    /// <summary>So much time from now; null is for ever.</summary>
    internal static Deadline After(TimeSpan? time) => time is { } span
        ? new Deadline(Environment.TickCount64 + Math.Max(0, (long)Math.Ceiling(span.TotalMilliseconds)))
        : Never;

    /// <summary>Is the time over?</summary>
    internal bool IsOver => _isSet && Environment.TickCount64 >= _ticks;

    /// <summary>What is left, as poll(2) takes it: -1 is for ever; a wait longer than 24 days is cut to that and begun
    /// anew.</summary>
    internal int RemainingMilliseconds =>
        _isSet ? (int)Math.Clamp(_ticks - Environment.TickCount64, 0, int.MaxValue) : -1;

    /// <summary>The earlier of two.</summary>
    internal static Deadline Earlier(Deadline a, Deadline b) =>
        !a._isSet ? b : !b._isSet ? a : a._ticks <= b._ticks ? a : b;
}
