using System;
using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.PowerShell.Errors;
using NetKeepAlive.Waiting;

namespace NetKeepAlive.PowerShell.Servers;

/// <summary>
/// A server as a PowerShell job: it accepts on its listeners, and each connection runs the script block in a runspace
/// of its own. The job has the listeners: they are closed when it is stopped.
/// </summary>
public sealed partial class SocketServerJob : Job
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromMilliseconds(400);

    private readonly object _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Service, byte> _services = new();
    private readonly SocketListener[] _listeners;
    private readonly string _script;
    private readonly object?[] _arguments;
    private readonly Hashtable _using;
    private readonly SemaphoreSlim _slots;
    private readonly RunspaceStock _runspaces;
    private readonly string _location;
    private Task _accepting = Task.CompletedTask;
    private long _served;
    private bool _stopping;

    internal SocketServerJob(
        string command, string? name, SocketListener[] listeners, string script, object?[] arguments, Hashtable values,
        int throttleLimit, string modulePath)
        : base(command, name)
    {
        PSJobTypeName = "SocketServerJob";
        _listeners = listeners;
        _script = script;
        _arguments = arguments;
        _using = values;
        _slots = new SemaphoreSlim(throttleLimit);
        _runspaces = new RunspaceStock(modulePath, $"SocketServer{Id}");
        _location = string.Join(", ", listeners.Select(static it => it.ToString()));
    }

    /// <summary>The listeners that it accepts on.</summary>
    public IReadOnlyList<SocketListener> Listener => _listeners;

    /// <summary>How many connections are being served now.</summary>
    public int ConnectionCount => _services.Count;

    /// <summary>How many connections have been served to their end.</summary>
    public long ServedCount => Volatile.Read(ref _served);

    /// <inheritdoc/>
    public override bool HasMoreData =>
        Output.Count > 0 || Error.Count > 0 || Warning.Count > 0 || Verbose.Count > 0 || Debug.Count > 0
        || Information.Count > 0 || Progress.Count > 0;

    /// <summary>Where it listens.</summary>
    public override string Location => _location;

    /// <inheritdoc/>
    public override string StatusMessage => $"{ConnectionCount} connections open, {ServedCount} served";

    /// <summary>Begins to accept.</summary>
    internal void Start()
    {
        SetJobState(JobState.Running);
        _accepting = Task.WhenAll(_listeners.Select(it => Task.Run(() => AcceptAsync(it))));
        _ = _accepting.ContinueWith(_ => CompleteAsync(), TaskScheduler.Default);
    }

    /// <summary>Ends it: no further connection is accepted, the script blocks are stopped, the sockets
    /// closed.</summary>
    public override void StopJob()
    {
        lock (_gate)
        {
            if (_stopping || JobStateInfo.State is JobState.Completed or JobState.Failed or JobState.Stopped)
            {
                return;
            }

            _stopping = true;
        }

        SetJobState(JobState.Stopping);
        StopAll();
        SetJobState(JobState.Stopped);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            StopJob();
            StopAll();
            _stop.Dispose();
        }

        base.Dispose(disposing);
    }

    private void StopAll()
    {
        _stop.Cancel();
        foreach (SocketListener listener in _listeners)
        {
            listener.Dispose();
        }

        // First asked, so that finally blocks run; then their sockets go, which ends what waits inside .NET.
        Service[] running = [.. _services.Keys];
        Array.ForEach(running, static it => it.Ask());
        Task all = Task.WhenAll([_accepting, .. running.Select(static it => it.Done)]);
        if (!WaitFor(all))
        {
            Array.ForEach(running, static it => it.Socket.Dispose());
            WaitFor(all);
        }

        _runspaces.Dispose();
    }

    private static bool WaitFor(Task task) => task.Wait(StopLimit);

    private async Task AcceptAsync(SocketListener listener)
    {
        while (!_stop.IsCancellationRequested)
        {
            NetSocket? socket = null;
            try
            {
                socket = await listener.AcceptNextAsync(_stop.Token).ConfigureAwait(false);
                await _slots.WaitAsync(_stop.Token).ConfigureAwait(false);
                Service service = new(this, socket);
                _services.TryAdd(service, 0);
                service.Begin();
            }
            catch (Exception stopped) when (stopped is OperationCanceledException or ObjectDisposedException)
            {
                socket?.Dispose();
                return;
            }
            catch (Exception failed)
            {
                if (_stop.IsCancellationRequested || listener.IsClosed)
                {
                    return;
                }

                // Without descriptors anything may fail, the loading of code among it: a server outlives that.
                TryReport(failed, listener);
                await FailurePause.WaitAsync().ConfigureAwait(false);
            }
        }
    }

    // The listeners were closed by somebody else: the connections are served to their end.
    private async Task CompleteAsync()
    {
        while (_services.Keys.FirstOrDefault() is { } running)
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

        _runspaces.Dispose();
        SetJobState(JobState.Completed);
    }

    private void TryReport(Exception failed, SocketListener listener)
    {
        try
        {
            Report(ErrorRecords.From(failed, listener));
        }
        catch (Exception)
        {
            // It fails for the same reason, and is tried again with the next failure.
        }
    }

    private void Report(ErrorRecord error)
    {
        try
        {
            Error.Add(error);
        }
        catch (Exception closed) when (closed is PSInvalidOperationException or ObjectDisposedException)
        {
            // The job was removed: nobody is left to read it.
        }
    }

    private void Forget(Service service)
    {
        _services.TryRemove(service, out _);
        Interlocked.Increment(ref _served);
        _slots.Release();
    }
}
