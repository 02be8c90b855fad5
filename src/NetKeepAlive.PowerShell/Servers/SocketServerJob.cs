using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Threading;
using NetKeepAlive.Addresses;

namespace NetKeepAlive.PowerShell.Servers;

/// <summary>
/// A server as a PowerShell job: it accepts on its listeners, and each connection runs the script block in a runspace
/// of a pool. The job has the listeners: they are closed when it is stopped.
/// </summary>
public sealed partial class SocketServerJob : Job
{
    private readonly object _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TextList<SocketListener> _listeners;
    private readonly InitialSessionState _initial;
    private readonly string _location;
    private int _runspaces;
    private bool _stopping;
    private bool _disposed;

    internal SocketServerJob(string? name, SocketListener[] listeners, ServerScript script, ServerLimits limits)
        : base(script.Text, name)
    {
        PSJobTypeName = nameof(SocketServerJob);
        _listeners = new TextList<SocketListener>(listeners);
        Script = script;
        _limits = limits;
        Streams = new JobStreams(this);
        Queue = new ConnectionQueue(AddPump);
        _places = new SemaphoreSlim(limits.ThrottleLimit);
        _initial = InitialSessionState.CreateDefault2();
        _initial.ImportPSModule([ModulePath()]);
        _location = _listeners.ToString();
    }

    /// <summary>The listeners that it accepts on.</summary>
    public IReadOnlyList<SocketListener> Listener => _listeners;

    /// <summary>The connections that are being served now.</summary>
    public IReadOnlyList<NetSocket> Connection =>
        new TextList<NetSocket>(_connections.Keys.Select(static it => it.Socket).ToArray());

    /// <summary>How many connections are being served now.</summary>
    public int ConnectionCount => _connections.Count;

    /// <summary>How many connections have been served to their end.</summary>
    public long ServedCount => Volatile.Read(ref _served);

    /// <summary>How many outputs and records were let go, because nobody received them: of the outputs the newest
    /// 10,000 are kept, of errors and each other stream the newest 1,000.</summary>
    public long DroppedCount => Streams.DroppedCount;

    /// <inheritdoc/>
    public override bool HasMoreData => !_disposed
        && (Output.Count > 0 || Error.Count > 0 || Warning.Count > 0 || Verbose.Count > 0 || Debug.Count > 0
            || Information.Count > 0 || Progress.Count > 0);

    /// <summary>Where it listens.</summary>
    public override string Location => _location;

    /// <inheritdoc/>
    public override string StatusMessage =>
        $"{ConnectionCount} connection{(ConnectionCount == 1 ? null : "s")} open, {ServedCount} served";

    /// <summary>What is run for each connection.</summary>
    internal ServerScript Script { get; }

    /// <summary>Does each connection get a new runspace?</summary>
    internal bool IsIsolated => _limits.IsIsolated;

    /// <summary>Where connections wait for a pump.</summary>
    internal ConnectionQueue Queue { get; }

    /// <summary>Where the script blocks write to.</summary>
    internal JobStreams Streams { get; }

    /// <summary>Ends it: no further connection is accepted, the script blocks are stopped, the sockets
    /// closed.</summary>
    public override void StopJob()
    {
        lock (_gate)
        {
            if (_stopping || _disposed)
            {
                return;
            }

            _stopping = true;
        }

        SetJobState(JobState.Stopping);
        StopAll();
        SetJobState(JobState.Stopped);
    }

    /// <summary>A runspace with this module loaded.</summary>
    internal Runspace OpenRunspace()
    {
        Runspace runspace = RunspaceFactory.CreateRunspace(_initial);
        runspace.Name = $"SocketServer{Id}-{Interlocked.Increment(ref _runspaces)}";
        runspace.ThreadOptions = PSThreadOptions.ReuseThread;
        try
        {
            runspace.Open();
            return runspace;
        }
        catch
        {
            runspace.Dispose();
            throw;
        }
        finally
        {
            Volatile.Write(ref _opening, 0);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            StopJob();
            _disposed = true;
            base.Dispose(disposing);
        }
    }

    // The very module that runs here, wherever it was imported from.
    private static string ModulePath()
    {
        string assembly = typeof(SocketServerJob).Assembly.Location;
        string manifest = Path.Combine(Path.GetDirectoryName(assembly)!, "..", "NetKeepAlive.psd1");
        return File.Exists(manifest) ? Path.GetFullPath(manifest) : assembly;
    }
}
