using System;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Waiting;

namespace NetKeepAlive.Events;

/// <summary>Whether events or accepting rest, and until when.</summary>
internal sealed class Suspension : IDisposable
{
    private readonly object _gate = new();
    private readonly Wakers _wakers;
    private TaskCompletionSource? _resume;
    private Timer? _timer;

    /// <summary>Makes one that does not rest.</summary>
    /// <param name="wakers">Those who wait for the socket: they look again when it begins or ends to rest.</param>
    internal Suspension(Wakers wakers) => _wakers = wakers;

    /// <summary>Does it rest now?</summary>
    internal bool IsSuspended => Volatile.Read(ref _resume) is not null;

    /// <summary>Begins to rest, for a time or until resumed. A new call replaces the time of the last.</summary>
    internal void Suspend(TimeSpan? duration)
    {
        lock (_gate)
        {
            _resume ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _timer?.Dispose();
            _timer = null;
            if (duration is { } time)
            {
                _timer = new Timer(Resume);
                _timer.Change(time, Timeout.InfiniteTimeSpan);
            }
        }

        _wakers.Wake();
    }

    /// <summary>Goes on. Harmless when it does not rest.</summary>
    internal void Resume() => Resume(null);

    /// <summary>Ends when it does not rest.</summary>
    internal Task WhenResumed(CancellationToken cancellation)
    {
        TaskCompletionSource? resume = Volatile.Read(ref _resume);
        return resume is null ? Task.CompletedTask : resume.Task.WaitAsync(cancellation);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _timer?.Dispose();
            _timer = null;
        }
    }

    // A timer that has fired ends only the rest that it was made for, not one that has replaced it meanwhile.
    private void Resume(object? timer)
    {
        TaskCompletionSource? resume;
        lock (_gate)
        {
            if (timer is not null && timer != _timer)
            {
                return;
            }

            _timer?.Dispose();
            _timer = null;
            resume = _resume;
            _resume = null;
        }

        if (resume is not null)
        {
            resume.SetResult();
            _wakers.Wake();
        }
    }
}
