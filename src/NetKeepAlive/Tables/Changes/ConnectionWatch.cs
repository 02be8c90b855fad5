using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Net;
using System.Threading;
using NetKeepAlive.Interop.Netlink;

namespace NetKeepAlive.Tables;

/// <summary>
/// Sees what changes among the connections that a filter asks for: by looking again and again, and, where this user may,
/// by the kernel's messages of sockets that are destroyed, which tell also what came and went between two looks.
/// </summary>
internal sealed class ConnectionWatch : IDisposable
{
    private readonly SocketTables _tables;
    private readonly TcpConnectionFilter _filter;
    private readonly List<DestroyedSockets> _destroyed;
    private Dictionary<ulong, TcpConnection> _known = [];

    // How late the kernel's message of an end may come on a machine that has much to do.
    private static readonly TimeSpan LatestMessage = TimeSpan.FromSeconds(10);

    // Those that a look missed before the kernel's message of their end came: it is no second end.
    private HashSet<ulong> _endedNow = [];
    private HashSet<ulong> _endedBefore = [];
    private long _endedSince = Stopwatch.GetTimestamp();

    /// <summary>Begins to watch; what is there now is no change.</summary>
    internal ConnectionWatch(SocketTables tables, TcpConnectionFilter filter, CancellationToken token)
    {
        _tables = tables;
        _filter = filter;
        // Before the first look, so that nothing falls between.
        _destroyed = tables.OpenDestroyed(filter);
        foreach (TcpConnection row in tables.List(filter, token))
        {
            _known[row.Cookie] = row;
        }
    }

    /// <summary>Does the kernel tell of what the looks miss?</summary>
    internal bool SeesAll => _destroyed.Count > 0;

    /// <summary>How many times the kernel's messages came faster than they were read, and some were lost.</summary>
    internal int OverrunCount { get; private set; }

    /// <summary>The ends that the kernel has told of since the last time.</summary>
    internal IEnumerable<TcpConnectionChange> ReadEnds()
    {
        foreach (DestroyedSockets source in _destroyed)
        {
            foreach (DiagRecord record in source.Read())
            {
                if (End(record, source.Network) is { } change)
                {
                    yield return change;
                }
            }

            OverrunCount += source.TakeOverruns();
        }
    }

    /// <summary>Looks once.</summary>
    internal IEnumerable<TcpConnectionChange> Look(CancellationToken token)
    {
        Dictionary<ulong, TcpConnection> now = new(_known.Count);
        foreach (TcpConnection row in _tables.List(_filter, token))
        {
            if (!now.TryAdd(row.Cookie, row))
            {
                continue;
            }

            if (!_known.Remove(row.Cookie, out TcpConnection? before))
            {
                yield return new TcpConnectionChange(TcpChange.Opened, row, null);
            }
            else if (Compare(before, row) is { } change)
            {
                yield return change;
            }
            else
            {
                // What moved since is told with the next change.
                now[row.Cookie] = before;
            }
        }

        Dictionary<ulong, TcpConnection> missing = _known;
        _known = now;
        if (Stopwatch.GetElapsedTime(_endedSince) > LatestMessage)
        {
            (_endedBefore, _endedNow, _endedSince) = (_endedNow, [], Stopwatch.GetTimestamp());
        }

        foreach (TcpConnectionChange change in Leave(missing, token))
        {
            yield return change;
        }
    }

    /// <summary>What became of a connection from one look to the next; null where nothing did. What the later look could not
    /// see is no change: the row keeps it.</summary>
    internal static TcpConnectionChange? Compare(TcpConnection before, TcpConnection now)
    {
        now.KeepUnseen(before);
        return before.State != now.State
            || before.OwningProcess != now.OwningProcess
            || before.KeepAlive != now.KeepAlive
            ? new TcpConnectionChange(TcpChange.Changed, now, before)
            : null;
    }

    /// <inheritdoc/>
    public void Dispose() => _destroyed.ForEach(static source => source.Dispose());

    // Those that are gone, those that are no longer what the filter asks for, and those of which the look could not see
    // that they are: a filter on owners or settings lists none that its process has closed while the kernel still has it.
    private IEnumerable<TcpConnectionChange> Leave(Dictionary<ulong, TcpConnection> missing, CancellationToken token)
    {
        List<TcpConnection> there = [];
        foreach (TcpConnection before in missing.Values)
        {
            if (_tables.TryRead(before) is { State: not TcpConnectionState.Closed } now && !_filter.IsOver(now.Timer))
            {
                there.Add(now);
            }
            else
            {
                _endedNow.Add(before.Cookie);
                yield return new TcpConnectionChange(TcpChange.Closed, before, before);
            }
        }

        if (there.Count > 0)
        {
            _tables.Complete(there, _filter, token);
        }

        foreach (TcpConnection now in there)
        {
            TcpConnection before = missing[now.Cookie];
            TcpConnectionChange? change = Compare(before, now);
            if (_filter.StillMatches(now))
            {
                _known[now.Cookie] = change is null ? before : now;
            }
            else
            {
                change ??= new TcpConnectionChange(TcpChange.Changed, now, before);
            }

            if (change is not null)
            {
                yield return change;
            }
        }
    }

    private TcpConnectionChange? End(DiagRecord record, NetNamespace? network)
    {
        if (_endedNow.Contains(record.Cookie) || _endedBefore.Contains(record.Cookie))
        {
            return null;
        }

        if (_known.Remove(record.Cookie, out TcpConnection? before))
        {
            return new TcpConnectionChange(TcpChange.Closed, before.Ended(record), before);
        }

        // Sockets that never were connected are destroyed, too: those have no peer's address.
        TcpConnection ended = new(record.Known(), network);
        return ended.LocalPort != 0 && !ended.RemoteIPAddress.Equals(IPAddress.Any)
            && !ended.RemoteIPAddress.Equals(IPAddress.IPv6Any) && _filter.MatchesWithoutOwner(record)
            ? new TcpConnectionChange(TcpChange.Closed, ended, null)
            : null;
    }
}
