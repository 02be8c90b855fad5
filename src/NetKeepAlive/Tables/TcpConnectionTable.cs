using System.Collections.Generic;
using System.Threading;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Netlink;

namespace NetKeepAlive.Tables;

/// <summary>Reads the TCP or UDP sockets of a network namespace as the kernel tells them.</summary>
internal static class TcpConnectionTable
{
    // A table that changes this often under the reader is emitted as far as it was seen.
    internal const int MaximumAttempts = 5;

    /// <summary>The rows that a filter asks for, without their owners, as many at a time as the kernel gives; the list is
    /// used again for the next. A dump that the kernel marks as interrupted is read again, and only what is new comes
    /// out.</summary>
    internal static IEnumerable<List<DiagRecord>> ReadBatches(
        DiagSocket socket, TcpConnectionFilter filter, CancellationToken token,
        int protocol = NetlinkAbi.ProtocolTcp)
    {
        uint states = filter.States;
        byte[] bytecode = filter.Compile() ?? [];
        foreach (bool isIPv6 in (bool[])[false, true])
        {
            // The kernel lists the sockets of a hash bucket anew for each datagram: one that comes or goes meanwhile
            // can make another come twice. The cookie tells.
            HashSet<ulong> seen = [];
            for (int attempt = 0; states != 0 && filter.CanMatch(isIPv6) && attempt < MaximumAttempts; attempt++)
            {
                using IEnumerator<List<DiagRecord>> batches =
                    socket.Dump(isIPv6, states, bytecode, out DiagAnswer answer, protocol).GetEnumerator();
                while (Next(batches, isIPv6, answer, protocol))
                {
                    token.ThrowIfCancellationRequested();
                    batches.Current.RemoveAll(record => !filter.Matches(record) || !seen.Add(record.Cookie));
                    yield return batches.Current;
                }

                if (!answer.WasInterrupted)
                {
                    break;
                }
            }
        }
    }

    // A kernel without IPv6 has no table for it.
    private static bool Next(IEnumerator<List<DiagRecord>> batches, bool isIPv6, DiagAnswer answer, int protocol)
    {
        try
        {
            return batches.MoveNext();
        }
        catch (NativeSocketException error) when (error.Is(Errno.ENOENT) && answer.Error != 0)
        {
            string name = protocol == NetlinkAbi.ProtocolTcp ? "TCP" : "UDP";
            return isIPv6
                ? false
                : throw error.WithTarget(
                    error.Target!, $"This kernel does not list {name} sockets: it lacks CONFIG_INET_{name}_DIAG.");
        }
    }
}
