using System;
using System.Collections.Concurrent;
using System.Management.Automation.Runspaces;
using System.Threading;

namespace NetKeepAlive.PowerShell.Servers;

/// <summary>Runspaces with this module loaded: one for each connection, cleared of what the last one left in
/// it.</summary>
internal sealed class RunspaceStock : IDisposable
{
    private readonly ConcurrentBag<Runspace> _idle = [];
    private readonly InitialSessionState _initial;
    private readonly string _name;
    private int _number;
    private volatile bool _closed;

    /// <param name="modulePath">The manifest of this module.</param>
    /// <param name="name">What the runspaces are called, for Get-Runspace.</param>
    internal RunspaceStock(string modulePath, string name)
    {
        _initial = InitialSessionState.CreateDefault2();
        _initial.ImportPSModule([modulePath]);
        _name = name;
    }

    /// <summary>An open runspace.</summary>
    internal Runspace Take()
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        if (_idle.TryTake(out Runspace? idle))
        {
            return idle;
        }

        Runspace runspace = RunspaceFactory.CreateRunspace(_initial);
        runspace.Name = $"{_name}-{Interlocked.Increment(ref _number)}";
        runspace.ThreadOptions = PSThreadOptions.ReuseThread;
        runspace.Open();
        return runspace;
    }

    /// <summary>Takes a runspace back.</summary>
    internal void Return(Runspace runspace)
    {
        if (_closed || runspace.RunspaceStateInfo.State is not RunspaceState.Opened)
        {
            runspace.Dispose();
            return;
        }

        try
        {
            runspace.ResetRunspaceState();
        }
        catch (Exception dirty) when (dirty is System.Management.Automation.PSInvalidOperationException
            or InvalidRunspaceStateException)
        {
            // A pipeline of its own still runs in it: it serves nobody any more.
            runspace.Dispose();
            return;
        }

        _idle.Add(runspace);
        if (_closed)
        {
            Dispose();
        }
    }

    /// <summary>Closes those that are idle, and from now on those that come back.</summary>
    public void Dispose()
    {
        _closed = true;
        while (_idle.TryTake(out Runspace? idle))
        {
            idle.Dispose();
        }
    }
}
