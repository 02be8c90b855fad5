using System;
using System.Threading;

namespace NetKeepAlive.Events;

/// <summary>Tells when nothing was sent or received for some time; notifies only.</summary>
internal sealed class IdleWatch : IDisposable
{
    private readonly Action _idle;
    private readonly Timer _timer;
    private long _last = Environment.TickCount64;

    internal IdleWatch(TimeSpan limit, Action idle)
    {
        Limit = limit;
        _idle = idle;
        _timer = new Timer(static it => ((IdleWatch)it!).Check(), this, Timeout.Infinite, Timeout.Infinite);
        _timer.Change(limit, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How long is too long.</summary>
    internal TimeSpan Limit { get; }

    /// <summary>Something was sent or received.</summary>
    internal void Touch() => Volatile.Write(ref _last, Environment.TickCount64);

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Check()
    {
        double left = Limit.TotalMilliseconds - (Environment.TickCount64 - Volatile.Read(ref _last));
        bool over = left <= 0;
        try
        {
            _timer.Change(over ? Limit : TimeSpan.FromMilliseconds(left), Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            return;
        }

        if (over)
        {
            Touch();
            _idle();
        }
    }
}
