using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;

namespace NetKeepAlive.PowerShell.Servers;

/// <summary>
/// The connections that wait to be served, and the pumps that wait for one. No more script blocks are begun at a time
/// than there are processors: more would only take turns, which costs more than it gains. A block that has run for
/// longer than <see cref="Patience"/> is taken for one that waits for its peer, and gives its place to the next.
/// </summary>
internal sealed class ConnectionQueue : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(5);

    private readonly object _gate = new();
    private readonly Queue<ServedConnection> _waiting = new();

    // The last to rest comes first: its caches are the warmest.
    private readonly Stack<Seat> _idle = new();
    private readonly Seat?[] _places = new Seat?[Environment.ProcessorCount];
    private readonly Action _addPump;
    private readonly Timer _patience;
    private bool _isArmed;
    private bool _isClosed;

    /// <param name="addPump">Opens another pump, if there may be one.</param>
    internal ConnectionQueue(Action addPump)
    {
        _addPump = addPump;
        _patience = new Timer(_ => LookAgain());
    }

    /// <summary>Hands out nothing any more.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
            _waiting.Clear();
        }

        _patience.Dispose();
    }

    /// <summary>Adds a connection, for the first pump that may take it.</summary>
    internal void Add(ServedConnection connection)
    {
        lock (_gate)
        {
            _waiting.Enqueue(connection);
            HandOut();
        }
    }

    /// <summary>The next connection for a pump that has served the one before, waiting for it.</summary>
    /// <returns>Null when the seat was stopped.</returns>
    internal ServedConnection? Take(Seat seat)
    {
        lock (_gate)
        {
            Leave(seat);
            _idle.Push(seat);
            HandOut();
        }

        return seat.Wait();
    }

    /// <summary>Gives up the place of a pump that takes no connection any more, or not yet.</summary>
    internal void Leave(Seat seat)
    {
        lock (_gate)
        {
            int place = Array.IndexOf(_places, seat);
            if (place >= 0)
            {
                _places[place] = null;
            }
        }
    }

    /// <summary>Hands out what waits, where that has become possible.</summary>
    internal void LookAgain()
    {
        lock (_gate)
        {
            _isArmed = false;
            HandOut();
        }
    }

    private void HandOut()
    {
        int place = 0;
        while (_waiting.Count > 0 && (place = FindPlace()) >= 0 && _idle.TryPop(out Seat? seat))
        {
            if (seat.TryHand(_waiting.Peek()))
            {
                _waiting.Dequeue();
                _places[place] = seat;
            }
        }

        if (_waiting.Count == 0 || _isClosed)
        {
            return;
        }

        if (place >= 0)
        {
            _addPump();
        }

        if (!_isArmed)
        {
            _isArmed = true;
            _patience.Change(Patience, Timeout.InfiniteTimeSpan);
        }
    }

    private int FindPlace() => Array.FindIndex(_places, static it => it is null || it.Elapsed > Patience);

    /// <summary>Where one pipeline of a pump waits for connections.</summary>
    internal sealed class Seat
    {
        private readonly object _gate = new();
        private ServedConnection? _handed;
        private long _begun;
        private bool _isStopped;

        /// <summary>For how long it has served what it was handed last.</summary>
        internal TimeSpan Elapsed => Stopwatch.GetElapsedTime(_begun);

        /// <summary>Ends its waiting, for good.</summary>
        internal void Stop()
        {
            lock (_gate)
            {
                _isStopped = true;
                Monitor.Pulse(_gate);
            }
        }

        internal bool TryHand(ServedConnection connection)
        {
            lock (_gate)
            {
                if (_isStopped)
                {
                    return false;
                }

                _begun = Stopwatch.GetTimestamp();
                _handed = connection;
                Monitor.Pulse(_gate);
                return true;
            }
        }

        internal ServedConnection? Wait()
        {
            lock (_gate)
            {
                while (_handed is null && !_isStopped)
                {
                    Monitor.Wait(_gate);
                }

                ServedConnection? connection = _handed;
                _handed = null;
                return connection;
            }
        }
    }
}
