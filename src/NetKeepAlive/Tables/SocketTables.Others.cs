using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Netlink;

namespace NetKeepAlive.Tables;

/// <content>Listing what is not TCP.</content>
internal sealed partial class SocketTables
{
    /// <summary>Lists the UDP sockets that a filter asks for.</summary>
    /// <exception cref="PlatformNotSupportedException">The filter asks for what this system does not tell.</exception>
    /// <exception cref="NativeSocketException">The kernel refused, or the network namespace cannot be entered.</exception>
    internal IEnumerable<UdpEndpoint> ListUdp(TcpConnectionFilter filter, CancellationToken token = default)
    {
        RequireTold(filter);
        return WithOwners(
            ReadRecords(filter, NetlinkAbi.ProtocolUdp, token)
                .Select(static it => new UdpEndpoint(it.Record, it.Network)),
            filter.Processes, token);
    }

    /// <summary>Lists the Unix sockets that a filter asks for, each with its peer.</summary>
    /// <exception cref="PlatformNotSupportedException">Not Linux.</exception>
    /// <exception cref="NativeSocketException">The kernel refused, or the network namespace cannot be entered.</exception>
    internal IReadOnlyList<UnixSocketInfo> ListUnix(UnixSocketFilter filter, CancellationToken token = default)
    {
        CurrentPlatform.RequireLinux("The system's table of Unix sockets");
        List<UnixSocketInfo> all = ReadUnix(filter, token);
        UnixSocketInfo.Link(all);
        List<UnixSocketInfo> wanted = WithOwners(all.Where(filter.Matches), filter.Processes, token).ToList();
        // Those that are not wanted themselves, whose owners were looked for just now.
        IEnumerable<UnixSocketInfo> peers = wanted.Select(static row => row.Peer).OfType<UnixSocketInfo>().Except(wanted);
        foreach (UnixSocketInfo _ in OwnerLookup.Of(peers, token))
        {
            // Each has its owner now.
        }

        return wanted;
    }

    private List<UnixSocketInfo> ReadUnix(UnixSocketFilter filter, CancellationToken token)
    {
        List<UnixSocketInfo> all = [];
        foreach (NetNamespace? network in Networks(filter.Networks, filter.Processes))
        {
            DiagSocket? kernel = TryKernel(network);
            HashSet<ulong> seen = [];
            for (int attempt = 0; kernel is not null && attempt < TcpConnectionTable.MaximumAttempts; attempt++)
            {
                IEnumerable<List<UnixRecord>> batches = kernel.DumpUnix(uint.MaxValue, out DiagAnswer answer);
                foreach (List<UnixRecord> batch in batches)
                {
                    token.ThrowIfCancellationRequested();
                    all.AddRange(batch
                        .Where(record => seen.Add(record.Cookie))
                        .Select(record => new UnixSocketInfo(record, network)));
                }

                if (!answer.WasInterrupted)
                {
                    break;
                }
            }
        }

        return all;
    }
}
