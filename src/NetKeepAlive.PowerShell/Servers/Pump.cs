using System;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Threading.Tasks;

namespace NetKeepAlive.PowerShell.Servers;

/// <summary>
/// A runspace in which one pipeline stays and serves connection after connection: a new pipeline for each would cost
/// more than most connections do. Where a script block has to be stopped its pipeline ends, and another begins.
/// </summary>
internal sealed class Pump(SocketServerJob job)
{
    private readonly object _gate = new();
    private Runspace? _runspace;
    private System.Management.Automation.PowerShell? _shell;
    private ServedConnection? _current;
    private bool _isStopping;
    private bool _isDirty;
    private bool _isAbandoned;
    private bool _isClosed;

    /// <summary>What is served here.</summary>
    internal ServerScript Script => job.Script;

    /// <summary>Ends when it serves nobody any more.</summary>
    internal Task Running { get; private set; } = Task.CompletedTask;

    /// <summary>Opens its runspace and serves, until it is closed.</summary>
    internal void Start() => Running = Task.Run(RunAsync);

    /// <summary>Called in the pipeline: the next connection, waiting for it.</summary>
    /// <returns>Null when the pipeline is to end.</returns>
    internal ServedConnection? Take(ConnectionQueue.Seat seat)
    {
        while (job.Queue.Take(seat) is { } connection)
        {
            lock (_gate)
            {
                if (_isStopping)
                {
                    return null;
                }

                if (connection.TryTake(this))
                {
                    return _current = connection;
                }
            }
        }

        return null;
    }

    /// <summary>Called in the pipeline: it takes no further connection.</summary>
    internal void Leave(ConnectionQueue.Seat seat) => job.Queue.Leave(seat);

    /// <summary>Called in the pipeline: the connection has been served and is closed.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="isClean">Can the runspace serve another?</param>
    /// <returns>Does the pipeline go on?</returns>
    internal bool Finish(ServedConnection connection, bool isClean)
    {
        lock (_gate)
        {
            _isDirty = !isClean || job.IsIsolated;
            if (_isDirty || _isStopping)
            {
                // It stays the current one until the pipeline has ended.
                return false;
            }

            _current = null;
        }

        job.Complete(connection);
        return true;
    }

    /// <summary>Called in the pipeline: a script block ended with an error.</summary>
    internal void Report(ErrorRecord error) => job.Streams.Report(error);

    /// <summary>Asks the script block that serves a connection to stop, and does not wait for it.</summary>
    internal void Stop(ServedConnection connection)
    {
        lock (_gate)
        {
            if (_current == connection)
            {
                StopPipeline();
            }
        }
    }

    /// <summary>Gives up a script block that nothing stops: its thread stays until the call of .NET that it is inside
    /// returns.</summary>
    internal void Abandon(ServedConnection connection)
    {
        lock (_gate)
        {
            if (_current != connection)
            {
                return;
            }

            _isAbandoned = true;
        }

        job.Forget(this);
        job.Complete(connection);
    }

    /// <summary>Serves nobody any more.</summary>
    internal void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            StopPipeline();
        }
    }

    private void StopPipeline()
    {
        if (!_isStopping)
        {
            _isStopping = true;
            _shell?.BeginStop(null, null);
        }
    }

    private async Task RunAsync()
    {
        while (!_isClosed && !_isAbandoned)
        {
            try
            {
                await RunPipelineAsync().ConfigureAwait(false);
            }
            catch (PipelineStoppedException)
            {
                // A script block was stopped, or the job.
            }
            catch (Exception failed)
            {
                // A runspace that cannot be opened, or that a script block has closed.
                await job.ReportDefectAsync(failed).ConfigureAwait(false);
            }

            Rest();
        }

        _runspace?.Dispose();
    }

    private async Task RunPipelineAsync()
    {
        _runspace ??= job.OpenRunspace();
        using System.Management.Automation.PowerShell shell = System.Management.Automation.PowerShell.Create();
        shell.Runspace = _runspace;
        shell.AddScript("& $args[0] -Pump $args[1]")
            .AddArgument(ServeConnections.Command)
            .AddArgument(this)
            .AddParameter(UsingValues.Parameter, Script.UsingValues);
        PSDataCollection<PSObject> output = [];
        job.Streams.Connect(output, shell.Streams);
        IAsyncResult running;
        lock (_gate)
        {
            if (_isStopping)
            {
                return;
            }

            running = shell.BeginInvoke<PSObject, PSObject>(null, output);
            _shell = shell;
        }

        try
        {
            await Task.Factory.FromAsync(running, shell.EndInvoke).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                _shell = null;
            }
        }
    }

    // The pipeline has ended, and with it what it served.
    private void Rest()
    {
        ServedConnection? ended;
        lock (_gate)
        {
            ended = _current;
            _current = null;
            _isStopping = _isClosed;
        }

        if (_isDirty || _runspace is not { RunspaceStateInfo.State: RunspaceState.Opened })
        {
            _runspace?.Dispose();
            _runspace = null;
            _isDirty = false;
        }

        if (ended is not null)
        {
            ended.Socket.Dispose();
            job.Complete(ended);
        }
    }
}
