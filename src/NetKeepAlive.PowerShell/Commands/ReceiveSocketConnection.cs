using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Receive-SocketConnection: accepts connections from one listener, or from whichever of many is ready
/// first.</summary>
[Cmdlet(VerbsCommunications.Receive, "SocketConnection")]
[OutputType(typeof(StreamSocket), typeof(SeqpacketSocket))]
public sealed class ReceiveSocketConnection : WaitingCmdlet
{
    private static int _turn;
    private readonly List<SocketListener> _listeners = [];
    private readonly List<object?> _items = [];
    private readonly List<int> _ready = [];
    private readonly List<int> _failed = [];

    /// <summary>What listens.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [AllowNull]
    public object?[]? Listener { get; set; }

    /// <summary>How many connections to accept in all.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; } = 1;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (object? item in Listener ?? [null])
        {
            Attempt(item, () =>
            {
                SocketListener listener = SocketWrapper.ToListener(Unwrap(item));
                if (!_listeners.Contains(listener))
                {
                    _listeners.Add(listener);
                    _items.Add(item);
                }
            });
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        Deadline deadline = Deadline.After(Timeout);
        int left = Count;
        while (left > 0 && _listeners.Count > 0)
        {
            // One that waits already is accepted without a wait.
            left -= AcceptReady(left);
            if (left > 0 && _listeners.Count > 0 && !Wait(deadline))
            {
                return;
            }
        }
    }

    private bool Wait(Deadline deadline)
    {
        bool inTime = false;
        bool known = Attempt(_items.Count == 1 ? _items[0] : _items.ToArray(), () =>
        {
            inTime = Readiness.Wait(_listeners, WaitDirection.Receive, deadline, _ready);
            if (!inTime)
            {
                throw _listeners.Count == 1
                    ? _listeners[0].TimedOut(Timeout)
                    : new TimeoutException(
                        $"accept: nobody connected to any of {_listeners.Count} listeners within {Timeout?.TotalSeconds:0.###} s.");
            }
        });
        return known && inTime;
    }

    // One from each that has one, beginning with another listener every time, so that a busy one does not starve others.
    private int AcceptReady(int maximum)
    {
        int accepted = 0;
        int count = _listeners.Count;
        uint start = (uint)Interlocked.Increment(ref _turn);
        for (uint i = 0; i < count && accepted < maximum; i++)
        {
            int index = (int)((start + i) % count);
            NetSocket? socket = null;
            if (Stopping)
            {
                throw new PipelineStoppedException();
            }

            if (!Attempt(_items[index], () => _listeners[index].TryAccept(out socket)))
            {
                _failed.Add(index);
            }
            else if (socket is not null)
            {
                accepted++;
                WriteObject(socket);
            }
        }

        foreach (int index in _failed.OrderDescending())
        {
            _listeners.RemoveAt(index);
            _items.RemoveAt(index);
        }

        _failed.Clear();
        return accepted;
    }
}
