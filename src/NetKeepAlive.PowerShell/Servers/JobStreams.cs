using System;
using System.Collections;
using System.Management.Automation;
using System.Threading;

namespace NetKeepAlive.PowerShell.Servers;

/// <summary>
/// What the script blocks of a server write, on its way to the streams of the job. Only the newest is kept of what
/// nobody receives, so that who makes a server write can never fill the memory.
/// </summary>
internal sealed class JobStreams(Job job)
{
    /// <summary>How many outputs are kept.</summary>
    internal const int OutputLimit = 10_000;

    /// <summary>How many records of each other stream are kept.</summary>
    internal const int RecordLimit = 1_000;

    private long _dropped;

    /// <summary>How many were let go.</summary>
    internal long DroppedCount => Volatile.Read(ref _dropped);

    /// <summary>Forwards all that a pipeline writes.</summary>
    internal void Connect(PSDataCollection<PSObject> output, PSDataStreams streams)
    {
        output.DataAdded += (_, _) => Forward(output, job.Output, OutputLimit);
        streams.Error.DataAdded += (_, _) => ForwardErrors(streams.Error);
        Connect(streams.Warning, job.Warning);
        Connect(streams.Verbose, job.Verbose);
        Connect(streams.Debug, job.Debug);
        Connect(streams.Information, job.Information);
        Connect(streams.Progress, job.Progress);
    }

    /// <summary>Adds an error of the server or of a script block.</summary>
    internal void Report(ErrorRecord error) => Add(job.Error, ErrorSnapshot.Of(error), RecordLimit);

    private void Connect<T>(PSDataCollection<T> from, PSDataCollection<T> to) =>
        from.DataAdded += (_, _) => Forward(from, to, RecordLimit);

    private void Forward<T>(PSDataCollection<T> from, PSDataCollection<T> to, int limit)
    {
        foreach (T item in from.ReadAll())
        {
            Add(to, item, limit);
        }
    }

    private void ForwardErrors(PSDataCollection<ErrorRecord> errors)
    {
        foreach (ErrorRecord error in errors.ReadAll())
        {
            Report(error);
        }
    }

    private void Add<T>(PSDataCollection<T> to, T item, int limit)
    {
        try
        {
            to.Add(item);
            lock (((ICollection)to).SyncRoot)
            {
                for (; to.Count > limit; Interlocked.Increment(ref _dropped))
                {
                    to.RemoveAt(0);
                }
            }
        }
        catch (Exception closed) when (closed is PSInvalidOperationException or ObjectDisposedException)
        {
            // The job was removed: nobody is left to read it.
        }
    }
}
