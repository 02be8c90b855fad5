using System;
using System.Threading;
using System.Threading.Tasks;

namespace NetKeepAlive.Events;

/// <summary>The work in the background behind an event. It can be ended and begun again, and never runs twice at a
/// time: what it raises stays in order. Its methods are called under <see cref="SocketEvents.Gate"/>.</summary>
internal sealed class EventLoop(Func<CancellationToken, Task> run)
{
    private CancellationTokenSource? _running;
    private Task _last = Task.CompletedTask;

    /// <summary>Does it run?</summary>
    internal bool IsRunning => _running is not null;

    /// <summary>Begins, unless it runs already.</summary>
    internal void Start()
    {
        if (_running is null)
        {
            _running = new CancellationTokenSource();
            _last = RunAfterAsync(_last, _running.Token);
        }
    }

    /// <summary>Ends it, and does not wait for that.</summary>
    internal void Stop()
    {
        _running?.Cancel();
        _running?.Dispose();
        _running = null;
    }

    private async Task RunAfterAsync(Task last, CancellationToken cancellation)
    {
        await Task.Yield();
        await last.ConfigureAwait(false);
        try
        {
            await run(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The last handler was removed, or the socket was closed.
        }
    }
}
