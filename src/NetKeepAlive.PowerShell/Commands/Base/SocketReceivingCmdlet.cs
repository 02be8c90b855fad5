using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Receives from one socket, or from whichever of many is ready first.</summary>
public abstract class SocketReceivingCmdlet : WaitingCmdlet
{
    private static int _turn;
    private readonly List<NetSocket> _sockets = [];
    private readonly List<object?> _items = [];
    private readonly List<int> _ready = [];
    private readonly List<int> _done = [];

    /// <summary>What to receive from.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [AllowNull]
    public object?[]? Socket { get; set; }

    /// <summary>Has the cmdlet got all that it was asked for?</summary>
    private protected abstract bool IsDone { get; }

    /// <summary>How many sockets it receives from.</summary>
    private protected int SocketCount => _sockets.Count;

    /// <inheritdoc/>
    protected sealed override void ProcessRecord()
    {
        foreach (object? item in Socket ?? [null])
        {
            Attempt(item, () =>
            {
                NetSocket socket = SocketWrapper.ToSocket(Unwrap(item));
                if (!_sockets.Contains(socket))
                {
                    _sockets.Add(socket);
                    _items.Add(item);
                }
            });
        }
    }

    /// <inheritdoc/>
    protected sealed override void EndProcessing()
    {
        Deadline deadline = Deadline.After(Timeout);
        while (!IsDone && _sockets.Count > 0)
        {
            // What is there already comes without a wait.
            bool any = ReceiveRound();
            if (!any && !IsDone && _sockets.Count > 0 && !Wait(deadline))
            {
                return;
            }
        }
    }

    /// <summary>Receives from one socket what there is, without waiting, and hands it on.</summary>
    private protected abstract ReceiveStatus Receive(NetSocket socket);

    /// <summary>Stops a cmdlet whose pipeline was stopped, before it takes what it could not hand on.</summary>
    private protected void ThrowIfStopping()
    {
        if (Stopping)
        {
            throw new PipelineStoppedException();
        }
    }

    // Once from each socket, beginning with another every time, so that a busy one does not starve the others.
    private bool ReceiveRound()
    {
        bool any = false;
        int count = _sockets.Count;
        uint start = count > 1 ? (uint)Interlocked.Increment(ref _turn) : 0;
        for (uint i = 0; i < count && !IsDone; i++)
        {
            int index = (int)((start + i) % count);
            ThrowIfStopping();
            ReceiveStatus status = ReceiveStatus.End;
            Attempt(_items[index], () => status = Receive(_sockets[index]));
            any |= status is ReceiveStatus.Message;
            if (status is ReceiveStatus.End)
            {
                _done.Add(index);
            }
        }

        foreach (int index in _done.OrderDescending())
        {
            _sockets.RemoveAt(index);
            _items.RemoveAt(index);
        }

        _done.Clear();
        return any;
    }

    private bool Wait(Deadline deadline)
    {
        bool inTime = false;
        Attempt(_items.Count == 1 ? _items[0] : _items.ToArray(), () =>
        {
            inTime = Readiness.Wait(_sockets, WaitDirection.Receive, deadline, _ready);
            if (!inTime)
            {
                throw _sockets.Count == 1
                    ? _sockets[0].TimedOut("receive", Timeout)
                    : new TimeoutException(
                        $"receive: nothing on any of {_sockets.Count} sockets within {Timeout?.TotalSeconds:0.###} s.");
            }
        });
        return inTime;
    }
}
