using System;
using System.Collections.Generic;
using System.Threading;

namespace NetKeepAlive.Waiting;

/// <summary>The one loop of all that may have to wait: <c>while (!Try()) waiting.Again(...)</c>. It waits, or it throws
/// because the time is over or the caller cancels.</summary>
internal sealed class WaitLoop : IDisposable
{
    private readonly CancellationToken _cancellation;
    private readonly bool _isBorrowed;
    private Readiness? _readiness;
    private bool _isLate;

    /// <summary>Waits by means of its own, made when they are first needed.</summary>
    /// <param name="timeout">How long in all; null is for ever.</param>
    /// <param name="cancellation">Ends the wait.</param>
    internal WaitLoop(TimeSpan? timeout, CancellationToken cancellation)
    {
        Deadline = Deadline.After(timeout);
        _cancellation = cancellation;
    }

    /// <summary>Waits by the caller's means.</summary>
    /// <param name="timeout">How long in all; null is for ever.</param>
    /// <param name="readiness">Stays the caller's.</param>
    internal WaitLoop(TimeSpan? timeout, Readiness readiness)
    {
        Deadline = Deadline.After(timeout);
        _readiness = readiness;
        _isBorrowed = true;
    }

    /// <summary>Until when.</summary>
    internal Deadline Deadline { get; }

    /// <summary>By what.</summary>
    internal Readiness Readiness => _readiness ??= new Readiness(_cancellation);

    /// <summary>Waits until another try may succeed.</summary>
    /// <exception cref="TimeoutException">The time is over.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    internal void Again(IWaitable socket, WaitDirection direction)
    {
        if (!Wait(socket, direction))
        {
            throw socket.TimedOut(direction, Deadline);
        }
    }

    /// <summary>Waits until another try may succeed.</summary>
    /// <returns>False when the time is over.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    internal bool Wait(IWaitable socket, WaitDirection direction) =>
        !_isLate && InTime(Readiness.Wait(socket, direction, Deadline));

    /// <summary>Waits until another try with at least one of the sockets may succeed.</summary>
    /// <returns>False when the time is over.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    internal bool Wait(IReadOnlyList<IWaitable> sockets, WaitDirection direction, List<int> ready) =>
        !_isLate && InTime(Readiness.Wait(sockets, direction, Deadline, ready));

    // What is ready when the time is over is worth one try, and no more: others who have the socket may be faster every
    // time.
    private bool InTime(bool isReady)
    {
        _isLate = Deadline.IsOver;
        return isReady;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isBorrowed)
        {
            _readiness?.Dispose();
        }
    }
}
