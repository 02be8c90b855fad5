using System;
using System.Collections.Concurrent;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Options;
using NetKeepAlive.PowerShell.Errors;
using NetKeepAlive.Waiting;

namespace NetKeepAlive.PowerShell.Servers;

/// <content>Accepting and serving, until the end.</content>
public sealed partial class SocketServerJob
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromMilliseconds(400);

    private readonly ConcurrentDictionary<ServedConnection, byte> _connections = new();
    private readonly ConcurrentDictionary<Pump, byte> _pumps = new();
    private readonly SemaphoreSlim _places;
    private readonly ServerLimits _limits;
    private Task _accepting = Task.CompletedTask;
    private Timer? _idleTimer;
    private long _served;
    private int _opening;

    /// <summary>Begins to accept.</summary>
    internal void Start()
    {
        SetJobState(JobState.Running);
        AddPump();
        _accepting = Task.WhenAll(_listeners.Select(
            it => Task.Factory.StartNew(
                () => AcceptAll(it), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        _ = _accepting.ContinueWith(_ => CompleteAsync(), TaskScheduler.Default);
        if (_limits.IdleTimeout is { } limit)
        {
            TimeSpan interval = TimeSpan.FromMilliseconds(Math.Clamp(limit.TotalMilliseconds / 8, 10, 1000));
            _idleTimer = new Timer(_ => EndIdle(limit), null, interval, interval);
        }
    }

    /// <summary>A connection has been served to its end, and is closed.</summary>
    internal void Complete(ServedConnection connection)
    {
        if (connection.TryComplete())
        {
            _connections.TryRemove(connection, out _);
            Interlocked.Increment(ref _served);
            _places.Release();
            connection.SetDone();
        }
    }

    /// <summary>A pump serves nobody any more.</summary>
    internal void Forget(Pump pump)
    {
        _pumps.TryRemove(pump, out _);
        Queue.LookAgain();
    }

    /// <summary>Reports what failed beside the script blocks, and lets some time pass before it is tried
    /// again.</summary>
    internal async Task ReportDefectAsync(Exception failed)
    {
        if (!_stop.IsCancellationRequested)
        {
            Streams.Report(failed is RuntimeException { ErrorRecord: { } record }
                ? record
                : new ErrorRecord(failed, ErrorRecords.ServerFailed, ErrorCategory.InvalidOperation, this.Location));
            await FailurePause.WaitAsync().ConfigureAwait(false);
        }
    }

    // A server runs on threads of its own: what waits for a connection waits in poll(2), as the cmdlets do.
    private void AcceptAll(SocketListener listener)
    {
        using Readiness readiness = new(_stop.Token);
        while (!_stop.IsCancellationRequested)
        {
            NetSocket? socket = null;
            try
            {
                if (!listener.TryAccept(out socket))
                {
                    readiness.Wait(listener, WaitDirection.Receive, Deadline.Never);
                    continue;
                }

                _places.Wait(_stop.Token);
                Serve(socket!);
            }
            catch (Exception stopped) when (stopped is OperationCanceledException or ObjectDisposedException)
            {
                socket?.Dispose();
                return;
            }
            catch (Exception failed)
            {
                // Without descriptors anything may fail, the loading of code among it: a server outlives that. The
                // connection still waits, so it is not asked for again at once.
                TryReport(failed, listener);
                FailurePause.WaitAsync().Wait();
            }
        }
    }

    private void Serve(NetSocket socket)
    {
        ServedConnection connection = new(socket);
        _connections.TryAdd(connection, 0);
        Queue.Add(connection);
        if (_stop.IsCancellationRequested)
        {
            // Who stops may have looked before it was there, and nobody else ends it.
            _ = EndAsync(connection);
        }
    }

    // One at a time: runspaces that open at once wait for one another most of the time, and meanwhile those that are
    // open may have served all that waits.
    private void AddPump()
    {
        if (_pumps.Count < _limits.ThrottleLimit && !_stop.IsCancellationRequested
            && Interlocked.Exchange(ref _opening, 1) == 0)
        {
            Pump pump = new(this);
            _pumps.TryAdd(pump, 0);
            pump.Start();
        }
    }

    private void EndIdle(TimeSpan limit)
    {
        foreach (ServedConnection connection in _connections.Keys)
        {
            if (connection.LookForSilence() >= limit && connection.TryBeginEnding())
            {
                Streams.Report(new ErrorRecord(
                    new TimeoutException(
                        $"{connection.Socket}: nothing was sent or received for {Duration.Format(limit)}; the "
                        + "connection is closed."),
                    ErrorRecords.IdleTimeout, ErrorCategory.OperationTimeout, connection.Socket));
                _ = EndAsync(connection);
            }
        }
    }

    // First the script block is asked, so that its finally blocks run; then its socket goes, which ends what waits
    // inside .NET; what hangs even then is given up.
    private async Task EndAsync(ServedConnection connection)
    {
        if (connection.TryTake(null))
        {
            connection.Socket.Dispose();
            Complete(connection);
            return;
        }

        // Nobody's where another call of this has just taken it.
        connection.Pump?.Stop(connection);
        if (!await IsDoneSoon(connection).ConfigureAwait(false))
        {
            connection.Socket.Dispose();
            if (!await IsDoneSoon(connection).ConfigureAwait(false))
            {
                connection.Pump?.Abandon(connection);
            }
        }
    }

    private static async Task<bool> IsDoneSoon(ServedConnection connection) =>
        await Task.WhenAny(connection.Done, Task.Delay(StopLimit)).ConfigureAwait(false) == connection.Done;

    private void StopAll()
    {
        _stop.Cancel();
        CloseListeners();
        _accepting.Wait(StopLimit);
        Task.WhenAll(_connections.Keys.Select(EndAsync)).Wait();
        ClosePumps();
    }

    // The listeners were closed by somebody else: the connections are served to their end.
    private async Task CompleteAsync()
    {
        while (_connections.Keys.FirstOrDefault() is { } running)
        {
            await running.Done.ConfigureAwait(false);
        }

        lock (_gate)
        {
            if (_stopping)
            {
                return;
            }

            _stopping = true;
        }

        ClosePumps();
        SetJobState(JobState.Completed);
    }

    private void CloseListeners()
    {
        foreach (SocketListener listener in _listeners)
        {
            listener.Dispose();
        }
    }

    private void ClosePumps()
    {
        _idleTimer?.Dispose();
        Queue.Dispose();
        Pump[] pumps = [.. _pumps.Keys];
        Array.ForEach(pumps, static it => it.Close());
        Task.WhenAll(pumps.Select(static it => it.Running)).Wait(StopLimit);
    }

    private void TryReport(Exception failed, SocketListener listener)
    {
        try
        {
            Streams.Report(ErrorRecords.From(failed, listener));
        }
        catch (Exception)
        {
            // It fails for the same reason, and is tried again with the next failure.
        }
    }
}
