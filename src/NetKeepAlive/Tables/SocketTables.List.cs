using System.Collections.Generic;
using System.Linq;
using System.Threading;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Netlink;

namespace NetKeepAlive.Tables;

/// <content>Listing.</content>
internal sealed partial class SocketTables
{
    /// <summary>Lists the TCP sockets that a filter asks for, each as soon as its owner is known.</summary>
    /// <exception cref="System.PlatformNotSupportedException">Not Linux.</exception>
    /// <exception cref="NativeSocketException">The kernel refused, or the network namespace cannot be entered.</exception>
    internal IEnumerable<TcpConnection> List(TcpConnectionFilter filter, CancellationToken token = default)
    {
        CurrentPlatform.RequireLinux("The system's table of TCP connections");
        return OwnerLookup.Of(Read(filter, token), filter.OwningProcess.Count == 0 ? null : filter.OwningProcess, token);
    }

    /// <summary>The rows without their owners.</summary>
    internal IEnumerable<TcpConnection> Read(TcpConnectionFilter filter, CancellationToken token)
    {
        foreach (NetNamespace? network in Networks(filter.Networks, filter.OwningProcess))
        {
            using DiagSocket? kernel = TryAsk(network);
            if (kernel is null)
            {
                continue;
            }

            foreach (List<DiagRecord> batch in TcpConnectionTable.ReadBatches(kernel, filter, token))
            {
                foreach (DiagRecord record in batch)
                {
                    yield return new TcpConnection(record, network);
                }
            }
        }
    }

    // Those that are named; else the own, or those that the processes are in.
    private static IEnumerable<NetNamespace?> Networks(
        IReadOnlyList<NetNamespace?> named, IReadOnlyList<int> processes)
    {
        if (named.Count > 0 || processes.Count == 0)
        {
            return named.Count > 0 ? named : [null];
        }

        return processes.Select(TryFollow).DistinctBy(static it => it?.Inode);
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

    // A listing has a socket of its own: an answer must be read to its end before anything else is asked.
    private DiagSocket? TryAsk(NetNamespace? network)
    {
        try
        {
            return Ask(network);
        }
        catch (NativeSocketException refused) when (Unreachable is not null)
        {
            Unreachable(refused);
            return null;
        }
    }
}
