using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Netlink;

namespace NetKeepAlive.Tables;

/// <summary>Which process holds which of the sockets that .NET lists, found by their addresses: there are no inodes
/// (<see cref="RuntimeTable"/>).</summary>
internal sealed class RuntimeOwners
{
    private readonly Dictionary<ulong, SocketOwner> _owners = [];

    /// <summary>Gives each row its owner.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="isTcp">TCP, or else UDP?</param>
    /// <param name="processIds">The processes whose rows alone are wanted; null for all.</param>
    /// <param name="socketsOf">The sockets of a process.</param>
    /// <param name="token">Ends the search.</param>
    internal static IEnumerable<T> Of<T>(
        IEnumerable<T> rows, bool isTcp, IReadOnlyCollection<int>? processIds,
        Func<int, IEnumerable<ProcessSocket>> socketsOf, CancellationToken token)
        where T : SocketRow
    {
        // The rows first: a socket that is opened meanwhile is in none of them.
        List<T> listed = rows.ToList();
        ProcessNames names = new();
        RuntimeOwners owners = new();
        foreach (int process in (processIds ?? ProcessSockets.Processes()).Order())
        {
            token.ThrowIfCancellationRequested();
            owners.Add(process, socketsOf(process).Where(it => it.IsTcp == isTcp));
        }

        return listed.Where(row => owners.Claim(row, names) || processIds is null);
    }

    // Of several owners the lowest id.
    private void Add(int process, IEnumerable<ProcessSocket> sockets)
    {
        foreach (ProcessSocket socket in sockets)
        {
            _owners.TryAdd(
                DiagRecord.Of(socket.Local, socket.Remote, NetlinkAbi.StateClose).Cookie,
                new SocketOwner(process, socket.Descriptor));
        }
    }

    private bool Claim(SocketRow row, ProcessNames names)
    {
        if (!_owners.TryGetValue(row.Cookie, out SocketOwner owner))
        {
            return false;
        }

        row.SetOwner(owner, names.Of(owner.ProcessId));
        return true;
    }
}
