using System;
using System.Threading;

namespace NetKeepAlive.Events;

/// <summary>Tells when nothing was sent or received for some time; notifies only.</summary>
internal sealed class IdleWatch : IDisposable
{
    private readonly Action _idle;
    private readonly Timer _timer;
    private long _last = Environment.TickCount64;
    private int _isTold;

    internal IdleWatch(TimeSpan limit, Action idle)
    {
        Limit = limit;
        _idle = idle;
        _timer = new Timer(static it => ((IdleWatch)it!).Check(), this, Timeout.Infinite, Timeout.Infinite);
        Begin(limit);
    }

    /// <summary>How long is too long.</summary>
    internal TimeSpan Limit { get; }

    /// <summary>Something was sent or received.</summary>
    internal void Touch()
    {
        Volatile.Write(ref _last, Environment.TickCount64);
        if (Volatile.Read(ref _isTold) != 0 && Interlocked.Exchange(ref _isTold, 0) != 0)
        {
            Begin(Limit);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Check()
    {
        long last = Volatile.Read(ref _last);
        double left = Limit.TotalMilliseconds - (Environment.TickCount64 - last);
        if (left > 0)
        {
            Begin(TimeSpan.FromMilliseconds(left));
            return;
        }

        // Once for each silence: the next traffic begins to count anew.
        Interlocked.Exchange(ref _isTold, 1);
        if (Volatile.Read(ref _last) == last)
        {
            _idle();
        }
        else if (Interlocked.Exchange(ref _isTold, 0) != 0)
        {
            Begin(Limit);
        }
    }

    private void Begin(TimeSpan time)
    {
        try
        {
            _timer.Change(time, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // The socket was closed, or has another limit now.
        }
    }
}
