using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Runtime.CompilerServices;

namespace NetKeepAlive.PowerShell.Servers;

/// <summary>
/// Puts back what the script block of a connection may leave in its runspace, beside what its scope takes with it: the
/// location, event subscribers, jobs, and the list of errors, which would hold on to the connection.
/// </summary>
internal sealed class RunspaceCleaner
{
    private readonly PSCmdlet _cmdlet;
    private readonly string _location;
    private readonly HashSet<PSEventSubscriber> _subscribers;
    private readonly ArrayList? _errors;
    private readonly JobManager? _manager;

    internal RunspaceCleaner(PSCmdlet cmdlet)
    {
        _cmdlet = cmdlet;
        _location = Paths.CurrentLocation.Path;
        _subscribers = [.. cmdlet.Events.Subscribers];
        _errors = cmdlet.SessionState.PSVariable.GetValue("global:Error") as ArrayList;
        _manager = Readable(cmdlet.JobManager, cmdlet);
    }

    private PathIntrinsics Paths => _cmdlet.SessionState.Path;

    /// <summary>Puts it back.</summary>
    /// <returns>False when it cannot be: the runspace should serve nobody any more.</returns>
    internal bool TryClean()
    {
        try
        {
            CleanLocation();
            CleanSubscribers();
            CleanJobs();
            _errors?.Clear();
            return true;
        }
        catch (Exception failed) when (failed is not PipelineStoppedException)
        {
            return false;
        }
    }

    // Null in a version of PowerShell that calls these something else.
    private static JobManager? Readable(JobManager manager, PSCmdlet cmdlet)
    {
        try
        {
            GetJobs(manager, cmdlet, false, false, null);
            return manager;
        }
        catch (MissingMethodException)
        {
            return null;
        }
    }

    private void CleanLocation()
    {
        while (Paths.LocationStack(null).Count > 0)
        {
            Paths.PopLocation(null);
        }

        if (Paths.CurrentLocation.Path != _location)
        {
            Paths.SetLocation(_location);
        }
    }

    private void CleanSubscribers()
    {
        foreach (PSEventSubscriber subscriber in _cmdlet.Events.Subscribers.Where(it => !_subscribers.Contains(it)))
        {
            _cmdlet.Events.UnsubscribeEvent(subscriber);
        }

        PSEventArgsCollection received = _cmdlet.Events.ReceivedEvents;
        while (received.Count > 0)
        {
            received.RemoveAt(0);
        }
    }

    private void CleanJobs()
    {
        foreach (Job job in _cmdlet.JobRepository.Jobs)
        {
            job.StopJob();
            _cmdlet.JobRepository.Remove(job);
            job.Dispose();
        }

        // Those of Start-ThreadJob and its like are kept elsewhere, behind a list that is not public.
        if (_manager is not null)
        {
            foreach (Job2 job in GetJobs(_manager, _cmdlet, false, false, null))
            {
                job.StopJob();
                RemoveJob(_manager, job, _cmdlet, false, false);
                job.Dispose();
            }
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "GetJobs")]
    private static extern List<Job2> GetJobs(
        JobManager manager, Cmdlet cmdlet, bool writeErrorOnException, bool writeObject, string[]? sourceAdapterTypes);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "RemoveJob")]
    private static extern bool RemoveJob(
        JobManager manager, Job2 job, Cmdlet cmdlet, bool writeErrorOnException, bool throwExceptions);
}
