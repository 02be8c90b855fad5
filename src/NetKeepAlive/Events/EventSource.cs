using System;

namespace NetKeepAlive.Events;

/// <summary>What the events of sockets and listeners share: handlers come and go under one lock, none may be a bare
/// script block, and one that throws ends neither the process nor the others.</summary>
internal sealed class EventSource(object sender)
{
    private EventHandler<SocketErrorEventArgs>? _errorOccurred;

    /// <summary>Something failed in the background, or in a handler.</summary>
    internal event EventHandler<SocketErrorEventArgs>? ErrorOccurred
    {
        add => Add(ref _errorOccurred, value);
        remove => Remove(ref _errorOccurred, value);
    }

    /// <summary>The lock under which handlers are added and removed.</summary>
    internal object Gate { get; } = new();

    /// <summary>Adds a handler.</summary>
    /// <exception cref="InvalidOperationException">It is a script block; see <see cref="EventGuard"/>.</exception>
    internal void Add<T>(ref T? handlers, T? value)
        where T : Delegate
    {
        EventGuard.Check(value);
        lock (Gate)
        {
            handlers = (T?)Delegate.Combine(handlers, value);
        }
    }

    /// <summary>Removes a handler.</summary>
    internal void Remove<T>(ref T? handlers, T? value)
        where T : Delegate
    {
        lock (Gate)
        {
            handlers = (T?)Delegate.Remove(handlers, value);
        }
    }

    /// <summary>Calls handlers. One that throws on a thread of the pool would end the process: it is reported as an
    /// error instead.</summary>
    internal void Raise(Action call)
    {
        try
        {
            call();
        }
        catch (Exception failed)
        {
            RaiseError(failed);
        }
    }

    /// <summary>Reports an error.</summary>
    internal void RaiseError(Exception error)
    {
        try
        {
            _errorOccurred?.Invoke(sender, new SocketErrorEventArgs(error));
        }
        catch (Exception)
        {
            // A handler of errors that fails has nobody left to tell.
        }
    }
}
