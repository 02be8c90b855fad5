using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Netlink;

namespace NetKeepAlive.Tables;

/// <content>Listing.</content>
internal sealed partial class SocketTables
{
    private readonly HashSet<ulong> _leftOut = [];
    private ProcessSockets? _everybody;

    /// <summary>How many rows were found.</summary>
    internal int FoundCount { get; private set; }

    /// <summary>How many of these have an owner that this user may not see.</summary>
    internal int HiddenOwnerCount { get; private set; }

    /// <summary>Of how many this user may not read the settings.</summary>
    internal int HiddenSettingsCount { get; private set; }

    /// <summary>How many rows were left out because this user may not see what the filter asks of them.</summary>
    internal int LeftOutCount => _leftOut.Count;

    /// <summary>Begins anew: counts from nothing, and looks at the processes again.</summary>
    internal void Forget()
    {
        FoundCount = HiddenOwnerCount = HiddenSettingsCount = 0;
        _everybody = null;
        _leftOut.Clear();
    }

    /// <summary>Lists the TCP sockets that a filter asks for, each as soon as its owner is known.</summary>
    /// <exception cref="PlatformNotSupportedException">The filter asks for what this platform does not tell.</exception>
    /// <exception cref="NativeSocketException">The kernel refused, or the network namespace cannot be entered.</exception>
    internal IEnumerable<TcpConnection> List(TcpConnectionFilter filter, CancellationToken token = default)
    {
        RequireTold(filter);
        return WithSettings(WithOwners(Read(filter, token), filter.Processes, token), filter);
    }

    /// <summary>The rows without their owners and settings.</summary>
    internal IEnumerable<TcpConnection> Read(TcpConnectionFilter filter, CancellationToken token) =>
        ReadRecords(filter, NetlinkAbi.ProtocolTcp, token)
            .Select(static it => new TcpConnection(it.Record, it.Network));

    /// <summary>Gives rows that were read one by one what a listing would: their owners, whoever these are, and the settings
    /// where the filter needs them.</summary>
    internal void Complete(IReadOnlyList<TcpConnection> rows, TcpConnectionFilter filter, CancellationToken token)
    {
        foreach (TcpConnection row in Owned(rows, null, token))
        {
            if (filter.NeedsSettings)
            {
                _ = ReadKeepAlive(row);
            }
        }
    }

    /// <summary>Listens to the kernel's messages of sockets that are destroyed, in each network namespace that a filter
    /// names; nowhere without the rights.</summary>
    internal List<DestroyedSockets> OpenDestroyed(TcpConnectionFilter filter)
    {
        List<DestroyedSockets> open = [];
        if (!Abi.HasSocketTables)
        {
            return open;
        }

        foreach (NetNamespace? network in Networks(filter.Networks, filter.Processes))
        {
            try
            {
                open.Add(network is null
                    ? new DestroyedSockets(null)
                    : network.Run(() => new DestroyedSockets(network)));
            }
            catch (NativeSocketException)
            {
                // Looking alone has to do.
            }
        }

        return open;
    }

    private IEnumerable<(DiagRecord Record, NetNamespace? Network)> ReadRecords(
        TcpConnectionFilter filter, int protocol, CancellationToken token)
    {
        if (!Abi.HasSocketTables)
        {
            foreach (DiagRecord record in RuntimeTable.Read(filter, protocol))
            {
                token.ThrowIfCancellationRequested();
                yield return (record, null);
            }

            yield break;
        }

        foreach (NetNamespace? network in Networks(filter.Networks, filter.Processes))
        {
            using DiagSocket? kernel = TryAsk(network);
            if (kernel is null)
            {
                continue;
            }

            foreach (List<DiagRecord> batch in TcpConnectionTable.ReadBatches(kernel, filter, token, protocol))
            {
                foreach (DiagRecord record in batch)
                {
                    yield return (record, network);
                }
            }
        }
    }

    private IEnumerable<T> WithOwners<T>(IEnumerable<T> rows, ProcessFilter processes, CancellationToken token)
        where T : SocketRow
    {
        IReadOnlyList<int>? wanted = processes.Resolve();
        foreach (T row in Owned(rows, wanted, token))
        {
            // One that may belong to each of several processes is one.
            if (wanted is not null && row.OwningProcess is null)
            {
                int isNew = _leftOut.Add(row.Cookie) ? 1 : 0;
                FoundCount += isNew;
                HiddenOwnerCount += isNew;
                continue;
            }

            FoundCount++;
            HiddenOwnerCount += row is { OwningProcess: null, Inode: not 0 } && !Environment.IsPrivilegedProcess ? 1 : 0;
            yield return row;
        }
    }

    private IEnumerable<T> Owned<T>(IEnumerable<T> rows, IReadOnlyList<int>? wanted, CancellationToken token)
        where T : SocketRow =>
        Abi.SocketsOfProcess is { } socketsOf
            ? RuntimeOwners.Of(rows, typeof(T) == typeof(TcpConnection), wanted, socketsOf, token)
            : wanted is null ? OwnerLookup.Of(rows, token)
            : OwnerLookup.Of(rows, wanted, () => Everybody(token), token);

    // Asked once for all that comes by pipeline.
    private ProcessSockets Everybody(CancellationToken token) => _everybody ??= ProcessSockets.Scan(null, token);

    // Without the kernel's own tables there are addresses, ports, states and owners.
    private void RequireTold(TcpConnectionFilter filter)
    {
        if (!Abi.HasSocketTables && filter.NeedsSettings)
        {
            throw CurrentPlatform.NotSupported("The settings of the system's sockets", Abi.Platform);
        }

        if (!Abi.HasSocketTables && filter.Networks.Count > 0)
        {
            throw CurrentPlatform.NotSupported("A network namespace", Abi.Platform);
        }
    }

    private IEnumerable<TcpConnection> WithSettings(IEnumerable<TcpConnection> rows, TcpConnectionFilter filter)
    {
        if (!filter.NeedsSettings)
        {
            return rows;
        }

        return rows.Where(row =>
        {
            bool isHidden = !ReadKeepAlive(row);
            bool matches = filter.Matches(row);
            HiddenSettingsCount += isHidden ? 1 : 0;
            if (isHidden && !matches)
            {
                _leftOut.Add(row.Cookie);
            }

            return matches;
        });
    }

    // Those that are named; else the own, or those that the processes are in.
    private static IEnumerable<NetNamespace?> Networks(IReadOnlyList<NetNamespace?> named, ProcessFilter processes)
    {
        if (named.Count > 0 || processes.Ids.Count == 0)
        {
            return named.Count > 0 ? named : [null];
        }

        return processes.Ids.Select(TryFollow).DistinctBy(static it => it?.Inode).ToList();
    }

    // What a process that has ended held is not listed.
    private static NetNamespace? TryFollow(int process)
    {
        try
        {
            return NetNamespace.Following(process);
        }
        catch (NativeSocketException)
        {
            return null;
        }
    }

    // A listing that is read bit by bit has a socket of its own: an answer must be read to its end before anything else is
    // asked.
    private DiagSocket? TryAsk(NetNamespace? network) => Try(network, Ask);

    private DiagSocket? TryKernel(NetNamespace? network) => Try(network, Kernel);

    private DiagSocket? Try(NetNamespace? network, Func<NetNamespace?, DiagSocket> ask)
    {
        try
        {
            return ask(network);
        }
        catch (NativeSocketException refused) when (Unreachable is not null)
        {
            Unreachable(refused);
            return null;
        }
    }
}
