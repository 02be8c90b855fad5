using System;
using System.Threading;
using System.Threading.Tasks;

namespace NetKeepAlive.Events;

/// <summary>The background work behind an event: it begins with the first handler and ends with the last, and rests
/// while suspended.</summary>
internal sealed class EventLoop(IEventOwner owner, EventSource events) : IDisposable
{
    private readonly Suspension _suspension = new(owner.Wakers);
    private CancellationTokenSource? _running;

    /// <summary>Does it rest?</summary>
    internal bool IsSuspended => _suspension.IsSuspended;

    /// <summary>Adds a handler; the first begins the work.</summary>
    /// <exception cref="InvalidOperationException">It is a script block; see <see cref="EventGuard"/>.</exception>
    /// <exception cref="ObjectDisposedException">The socket or listener is closed.</exception>
    internal void Add<T>(ref T? handlers, T? value)
        where T : Delegate
    {
        lock (events.Gate)
        {
            ObjectDisposedException.ThrowIf(owner.IsClosed, owner);
            events.Add(ref handlers, value);
            if (_running is null)
            {
                _running = new CancellationTokenSource();
                CancellationToken cancellation = _running.Token;
                _ = Task.Run(() => owner.RunAsync(cancellation), CancellationToken.None);
            }
        }
    }

    /// <summary>Removes a handler; the last ends the work.</summary>
    internal void Remove<T>(ref T? handlers, T? value)
        where T : Delegate
    {
        lock (events.Gate)
        {
            events.Remove(ref handlers, value);
            if (handlers is null)
            {
                Stop();
            }
        }
    }

    /// <summary>Rests, for a time or until <see cref="Resume"/>.</summary>
    /// <exception cref="ObjectDisposedException">The socket or listener is closed.</exception>
    internal void Suspend(TimeSpan? duration)
    {
        ObjectDisposedException.ThrowIf(owner.IsClosed, owner);
        _suspension.Suspend(duration);
    }

    /// <summary>Goes on.</summary>
    internal void Resume() => _suspension.Resume();

    /// <summary>Ends when it does not rest.</summary>
    internal Task WhenResumed(CancellationToken cancellation) => _suspension.WhenResumed(cancellation);

    /// <summary>Ends the work for good.</summary>
    public void Dispose()
    {
        lock (events.Gate)
        {
            Stop();
            _suspension.Dispose();
        }
    }

    private void Stop()
    {
        _running?.Cancel();
        _running?.Dispose();
        _running = null;
    }
}
