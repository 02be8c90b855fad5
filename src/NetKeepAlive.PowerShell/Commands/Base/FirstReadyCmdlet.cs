using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using NetKeepAlive.Sockets;
using NetKeepAlive.Waiting;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Takes what comes from one socket or listener, or from whichever of many is ready first.</summary>
public abstract class FirstReadyCmdlet : WaitingCmdlet
{
    private static int _turn;
    private readonly List<IWaitable> _sources = [];
    private readonly List<object?> _items = [];
    private readonly List<int> _ready = [];
    private readonly List<int> _done = [];

    /// <summary>Has the cmdlet got all that it was asked for?</summary>
    private protected abstract bool IsDone { get; }

    /// <summary>How many sources there are.</summary>
    private protected int SourceCount => _sources.Count;

    /// <summary>Takes up what the user named as sources, each once.</summary>
    private protected void AddSources(object?[]? items, Func<object?, IWaitable> open)
    {
        foreach (object? item in Many(items))
        {
            Attempt(item, () =>
            {
                IWaitable source = open(Unwrap(item));
                if (!_sources.Contains(source))
                {
                    _sources.Add(source);
                    _items.Add(item);
                }
            });
        }
    }

    /// <inheritdoc/>
    protected sealed override void EndProcessing()
    {
        using WaitLoop waiting = new(Timeout, StopToken);
        while (!IsDone && _sources.Count > 0)
        {
            // What is there already comes without a wait.
            bool any = ReceiveRound();
            if (!any && !IsDone && _sources.Count > 0 && !Wait(waiting))
            {
                return;
            }
        }
    }

    /// <summary>Takes from one source what there is, without waiting, and hands it on.</summary>
    private protected abstract ReceiveStatus Receive(IWaitable source);

    /// <summary>What did not come, in words for an error: <c>accept: nobody connected to any of 3
    /// listeners</c>.</summary>
    private protected abstract string NothingOf(int sources);

    /// <summary>Stops a cmdlet whose pipeline was stopped, before it takes what it could not hand on.</summary>
    private protected void ThrowIfStopping()
    {
        if (Stopping)
        {
            throw new PipelineStoppedException();
        }
    }

    // Once from each source, beginning with another every time, so that a busy one does not starve the others.
    private bool ReceiveRound()
    {
        bool any = false;
        int count = _sources.Count;
        uint start = count > 1 ? (uint)Interlocked.Increment(ref _turn) : 0;
        for (uint i = 0; i < count && !IsDone; i++)
        {
            int index = (int)((start + i) % count);
            ThrowIfStopping();
            ReceiveStatus status = ReceiveStatus.End;
            Attempt(_items[index], () => status = Receive(_sources[index]));
            any |= status is ReceiveStatus.Message;
            if (status is ReceiveStatus.End)
            {
                _done.Add(index);
            }
        }

        foreach (int index in _done.OrderDescending())
        {
            _sources.RemoveAt(index);
            _items.RemoveAt(index);
        }

        _done.Clear();
        return any;
    }

    private bool Wait(WaitLoop waiting)
    {
        bool inTime = false;
        Attempt(_items.Count == 1 ? _items[0] : _items.ToArray(), () =>
        {
            inTime = waiting.Wait(_sources, WaitDirection.Receive, _ready);
            if (!inTime)
            {
                throw _sources is [IWaitable only]
                    ? only.TimedOut(WaitDirection.Receive, waiting.Deadline)
                    : waiting.Deadline.TimedOut(NothingOf(_sources.Count));
            }
        });
        return inTime;
    }
}
