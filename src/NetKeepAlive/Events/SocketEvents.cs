using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace NetKeepAlive.Events;

/// <summary>What the events of one socket or listener share: handlers come and go under one lock, none may be a bare
/// script block, and one that throws ends neither the process nor the others.</summary>
internal sealed class SocketEvents
{
    private readonly List<EventLoop> _loops = [];

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

    /// <summary>Who takes events for handlers that run later; null: nobody.</summary>
    internal static IDeferredEvents? Deferred { get; set; }

    /// <summary>Ends when handlers have done with all that they were given; null where all are called.</summary>
    internal static Task? WhenHandled(params Delegate?[] handlers) =>
        Deferred?.WhenHandled(handlers.SelectMany(static it => it?.GetInvocationList() ?? []));

    /// <summary>The work in the background of one event, made when it is first asked for.</summary>
    internal EventLoop GetLoop(ref EventLoop? loop, Func<CancellationToken, Task> run)
    {
        lock (Gate)
        {
            if (loop is null)
            {
                loop = new EventLoop(run);
                _loops.Add(loop);
            }

            return loop;
        }
    }

    /// <summary>Ends all work in the background.</summary>
    internal void Stop()
    {
        lock (Gate)
        {
            _loops.ForEach(static it => it.Stop());
        }
    }

    /// <summary>Calls each handler by itself. One that throws on a thread of the pool would end the process, and leave out
    /// those after it: it is reported instead.</summary>
    internal static void Raise<T>(Delegate? handlers, object sender, T args, Action<Exception>? report)
        where T : EventArgs
    {
        foreach (Delegate handler in handlers?.GetInvocationList() ?? [])
        {
            try
            {
                if (Deferred?.TryTake(handler, sender, args) is true)
                {
                    continue;
                }

                if (handler is EventHandler<T> typed)
                {
                    typed(sender, args);
                }
                else
                {
                    ((EventHandler)handler)(sender, args);
                }
            }
            catch (Exception failed)
            {
                report?.Invoke(failed);
            }
        }
    }
}
