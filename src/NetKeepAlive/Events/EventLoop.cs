using System;
using System.Threading;
using System.Threading.Tasks;

namespace NetKeepAlive.Events;

/// <summary>The work in the background behind an event. It can be ended and begun again, and never runs twice at a
/// time: what it raises stays in order.</summary>
internal sealed class EventLoop(Func<CancellationToken, Task> run)
{
    private readonly object _gate = new();
    private CancellationTokenSource? _running;
    private bool _isAtWork;

    /// <summary>Is it to run?</summary>
    internal bool IsRunning => Volatile.Read(ref _running) is not null;

    /// <summary>Begins, unless it runs already; what was ended and is not over yet goes first.</summary>
    internal void Start()
    {
        lock (_gate)
        {
            if (_running is not null)
            {
                return;
            }

            _running = new CancellationTokenSource();
            if (!_isAtWork)
            {
                _isAtWork = true;
                _ = Task.Run(WorkAsync);
            }
        }
    }

    /// <summary>Ends it, and does not wait for that.</summary>
    internal void Stop()
    {
        lock (_gate)
        {
            _running?.Cancel();
            _running?.Dispose();
            _running = null;
        }
    }

    private async Task WorkAsync()
    {
        CancellationTokenSource? done = null;
        while (true)
        {
            CancellationToken cancellation;
            lock (_gate)
            {
                if (_running is null || _running == done)
                {
                    _isAtWork = false;
                    return;
                }

                done = _running;
                cancellation = done.Token;
            }

            try
            {
                await run(cancellation).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // The last handler was removed, or the socket was closed.
            }
            catch
            {
                // Not expected; the next handler begins anew.
                lock (_gate)
                {
                    _isAtWork = false;
                }

                throw;
            }
        }
    }
}
