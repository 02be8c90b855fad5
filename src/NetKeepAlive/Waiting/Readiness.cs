using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;
using NetKeepAlive.Interop;

namespace NetKeepAlive.Waiting;

/// <summary>
/// Waits with poll(2), on the calling thread, until one of several sockets is ready, the time is over, the caller
/// cancels, or a socket is closed by another thread. Never spins and never looks in intervals. One object serves all
/// the waits of a cmdlet, one at a time.
/// </summary>
internal sealed class Readiness : IDisposable
{
    private readonly CancellationToken _cancellation;
    private readonly IWaitable[] _one = new IWaitable[1];
    private CancellationTokenRegistration _registration;
    private WaitSignal? _signal;
    private SafeHandle?[] _handles = new SafeHandle?[4];
    private PollEntry[] _entries = new PollEntry[4];
    private bool[] _ready = new bool[4];
    private int _start;

    internal Readiness(CancellationToken cancellation) => _cancellation = cancellation;

    /// <summary>The caller's wish to stop.</summary>
    internal CancellationToken Cancellation => _cancellation;

    /// <summary>Waits until the socket is ready.</summary>
    /// <returns>False when the time is over.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    internal bool Wait(IWaitable socket, WaitDirection direction, Deadline deadline)
    {
        _one[0] = socket;
        return Wait(_one, direction, deadline, ready: null, extra: null);
    }

    /// <summary>Waits until the socket is ready, by what another descriptor says of it.</summary>
    /// <returns>False when the time is over.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    internal bool WaitBy(SafeHandle descriptor, IWaitable socket, WaitDirection direction, Deadline deadline)
    {
        _one[0] = socket;
        return Wait(_one, direction, deadline, ready: null, extra: descriptor);
    }

    /// <summary>Waits until at least one of the sockets is ready.</summary>
    /// <param name="sockets">What to wait for.</param>
    /// <param name="direction">For what.</param>
    /// <param name="deadline">Until when.</param>
    /// <param name="ready">Gets the indices of those that are ready, beginning at another place every time, so that a
    /// busy one does not starve the others.</param>
    /// <returns>False when the time is over.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    internal bool Wait(
        IReadOnlyList<IWaitable> sockets, WaitDirection direction, Deadline deadline, List<int> ready)
    {
        ready.Clear();
        return Wait(sockets, direction, deadline, ready, extra: null);
    }

    /// <summary>Waits for nothing but the time or the caller; for what no descriptor tells.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    internal void Rest(Deadline deadline) =>
        Wait(Array.Empty<IWaitable>(), WaitDirection.Receive, deadline, ready: null, extra: null);

    /// <inheritdoc/>
    public void Dispose()
    {
        _registration.Dispose();
        _signal?.Dispose();
    }

    private bool Wait(
        IReadOnlyList<IWaitable> sockets, WaitDirection direction, Deadline deadline, List<int>? ready,
        SafeHandle? extra)
    {
        _cancellation.ThrowIfCancellationRequested();
        WaitSignal signal = Signal();
        int count = sockets.Count;
        Grow(count + 1);
        int attached = 0;
        try
        {
            for (; attached < count; attached++)
            {
                sockets[attached].Wakers.Attach(signal);
            }

            while (true)
            {
                signal.Reset();
                _cancellation.ThrowIfCancellationRequested();
                bool now = Prepare(sockets, direction, extra);
                _handles[count] = signal.Handle;
                _entries[count] = new PollEntry { Events = Abi.Current.PollIn };
                Libc.Poll(_handles.AsSpan(0, count + 1), _entries, now ? 0 : deadline.RemainingMilliseconds);
                if (Collect(count, ready) || now)
                {
                    return true;
                }

                // What is ready goes before the end of the time; a wake-up alone means to look again.
                _cancellation.ThrowIfCancellationRequested();
                if (deadline.IsOver)
                {
                    return false;
                }
            }
        }
        finally
        {
            while (attached > 0)
            {
                sockets[--attached].Wakers.Detach(signal);
            }

            Array.Clear(_handles);
        }
    }

    // Returns whether one is ready without asking the kernel.
    private bool Prepare(IReadOnlyList<IWaitable> sockets, WaitDirection direction, SafeHandle? extra)
    {
        short events = direction.PollEvents();
        bool now = false;
        for (int i = 0; i < sockets.Count; i++)
        {
            WaitMode mode = sockets[i].PrepareWait(direction);
            _handles[i] = mode is WaitMode.Descriptor ? extra ?? sockets[i].Handle : null;
            _entries[i] = new PollEntry { Events = events, Returned = 0 };
            _ready[i] = mode is WaitMode.Ready;
            now |= mode is WaitMode.Ready;
        }

        return now;
    }

    private bool Collect(int count, List<int>? ready)
    {
        bool any = false;
        int start = count > 0 ? (_start = (_start + 1) % count) : 0;
        for (int i = 0; i < count; i++)
        {
            int index = (start + i) % count;
            if (_ready[index] || (_handles[index] is not null && _entries[index].Returned != 0))
            {
                ready?.Add(index);
                any = true;
            }
        }

        return any;
    }

    private WaitSignal Signal()
    {
        if (_signal is null)
        {
            _signal = new WaitSignal();
            _registration = _cancellation.UnsafeRegister(static it => ((WaitSignal)it!).Set(), _signal);
        }

        return _signal;
    }

    private void Grow(int count)
    {
        if (_handles.Length < count)
        {
            _handles = new SafeHandle?[count * 2];
            _entries = new PollEntry[count * 2];
            _ready = new bool[count * 2];
        }
    }
}
