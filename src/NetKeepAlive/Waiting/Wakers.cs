using System.Collections.Generic;
using System.Threading;

namespace NetKeepAlive.Waiting;

/// <summary>Who waits for a socket at this moment, so that closing it, resuming it or data in user space can end the
/// wait.</summary>
internal sealed class Wakers
{
    // How long a closing thread waits for others to leave their wait: they have been woken, so it is microseconds.
    private const int LeaveMilliseconds = 1000;

    private readonly List<WaitSignal> _signals = [];

    /// <summary>Begins a wait.</summary>
    internal void Attach(WaitSignal signal)
    {
        lock (_signals)
        {
            _signals.Add(signal);
        }
    }

    /// <summary>Ends a wait.</summary>
    internal void Detach(WaitSignal signal)
    {
        lock (_signals)
        {
            _signals.Remove(signal);
            Monitor.PulseAll(_signals);
        }
    }

    /// <summary>Wakes all that wait, so that they look again.</summary>
    internal void Wake()
    {
        lock (_signals)
        {
            foreach (WaitSignal signal in _signals)
            {
                signal.Set();
            }
        }
    }

    /// <summary>Wakes all that wait and lets them leave poll(2), after which the descriptor can be closed for
    /// good.</summary>
    internal void WakeAndLeave()
    {
        lock (_signals)
        {
            Wake();
            Deadline deadline = Deadline.After(System.TimeSpan.FromMilliseconds(LeaveMilliseconds));
            while (_signals.Count > 0 && !deadline.IsOver)
            {
                Monitor.Wait(_signals, deadline.RemainingMilliseconds);
            }
        }
    }
}
