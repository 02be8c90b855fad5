using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Interop.Netlink;

namespace NetKeepAlive.Connections;

/// <summary>Lists the TCP sockets of this network namespace.</summary>
internal static class TcpConnectionTable
{
    // A table that changes this often under the reader is emitted as far as it was seen.
    private const int MaximumAttempts = 5;

    // Sockets for which nobody was found twice, by cookie: the kernel's own, and those of other pid namespaces. They are
    // few, and not worth a second look in each listing.
    private static readonly ConcurrentDictionary<ulong, uint> HasNoOwner = new();

    /// <summary>
    /// Lists what a filter asks for, as it comes from the kernel. While the owners are being looked up rows are gathered;
    /// from then on each goes out as it is read. A dump that the kernel marks as interrupted is read again, and only
    /// what is new comes out.
    /// </summary>
    /// <param name="filter">What is wanted.</param>
    /// <param name="token">Ends the listing.</param>
    /// <exception cref="PlatformNotSupportedException">Not Linux.</exception>
    /// <exception cref="NativeSocketException">The kernel refused.</exception>
    internal static IEnumerable<TcpConnection> Read(TcpConnectionFilter filter, CancellationToken token = default)
    {
        Interop.CurrentPlatform.RequireLinux("The system's table of TCP connections");
        return ReadWithOwners(filter, token);
    }

    private static IEnumerable<TcpConnection> ReadWithOwners(TcpConnectionFilter filter, CancellationToken token)
    {
        IReadOnlyList<int>? processIds = filter.OwningProcess.Count == 0 ? null : filter.OwningProcess;
        Task<ProcessSockets> scan = Task.Run(() => ProcessSockets.Scan(processIds, token), token);
        Queue<DiagRecord> waiting = new();
        List<DiagRecord> unknown = [];
        foreach (DiagRecord record in ReadRecords(filter, token))
        {
            waiting.Enqueue(record);
            while (scan.IsCompleted && waiting.TryDequeue(out DiagRecord? next))
            {
                if (WithOwner(next, scan, processIds is null, unknown) is { } connection)
                {
                    yield return connection;
                }
            }
        }

        scan.GetAwaiter().GetResult();
        while (waiting.TryDequeue(out DiagRecord? next))
        {
            if (WithOwner(next, scan, processIds is null, unknown) is { } connection)
            {
                yield return connection;
            }
        }

        if (unknown.Count == 0)
        {
            yield break;
        }

        // Opened between the look at /proc and the kernel's answer: look once more.
        ProcessSockets again = ProcessSockets.Scan(null, token);
        foreach (DiagRecord record in unknown)
        {
            if (again.Find(record.Inode) is null)
            {
                HasNoOwner.TryAdd(record.Identity.Cookie, record.Inode);
            }

            yield return Make(record, again);
        }
    }

    private static TcpConnection? WithOwner(
        DiagRecord record, Task<ProcessSockets> scan, bool wantsAll, List<DiagRecord> unknown)
    {
        ProcessSockets owners = scan.GetAwaiter().GetResult();
        if (owners.Find(record.Inode) is not null)
        {
            return Make(record, owners);
        }

        if (!wantsAll)
        {
            return null;
        }

        if (record.Inode != 0
            && (Environment.IsPrivilegedProcess || record.User == Interop.Libc.GetEUid())
            && !HasNoOwner.ContainsKey(record.Identity.Cookie))
        {
            unknown.Add(record);
            return null;
        }

        return Make(record, owners);
    }

    private static TcpConnection Make(DiagRecord record, ProcessSockets owners)
    {
        SocketOwner? owner = owners.Find(record.Inode);
        return new TcpConnection(record)
        {
            OwningProcess = owner?.ProcessId,
            FileDescriptor = owner?.FileDescriptor,
            ProcessName = owner is { } it ? owners.NameOf(it.ProcessId) : null,
        };
    }

    /// <summary>The rows without their owners.</summary>
    internal static IEnumerable<DiagRecord> ReadRecords(TcpConnectionFilter filter, CancellationToken token)
    {
        uint states = filter.States;
        byte[] bytecode = filter.Compile() ?? [];
        using DiagSocket socket = new();
        foreach (bool isIPv6 in (bool[])[false, true])
        {
            // The kernel lists the sockets of a hash bucket anew for each datagram: one that comes or goes meanwhile
            // can make another come twice. The cookie tells.
            HashSet<ulong> seen = [];
            for (int attempt = 0; states != 0 && filter.CanMatch(isIPv6) && attempt < MaximumAttempts; attempt++)
            {
                IEnumerable<List<DiagRecord>> batches = socket.Dump(isIPv6, states, bytecode, out DiagAnswer answer);
                foreach (DiagRecord record in Flatten(batches, isIPv6, answer))
                {
                    token.ThrowIfCancellationRequested();
                    if (filter.Matches(record) && seen.Add(record.Identity.Cookie))
                    {
                        yield return record;
                    }
                }

                if (!answer.WasInterrupted)
                {
                    break;
                }
            }
        }
    }

    private static IEnumerable<DiagRecord> Flatten(
        IEnumerable<List<DiagRecord>> batches, bool isIPv6, DiagAnswer answer)
    {
        using IEnumerator<List<DiagRecord>> batch = batches.GetEnumerator();
        while (Next(batch, isIPv6, answer))
        {
            foreach (DiagRecord record in batch.Current)
            {
                yield return record;
            }
        }
    }

    // A kernel without IPv6 has no table for it.
    private static bool Next(IEnumerator<List<DiagRecord>> batch, bool isIPv6, DiagAnswer answer)
    {
        try
        {
            return batch.MoveNext();
        }
        catch (NativeSocketException error) when (error.Is(Errno.ENOENT) && answer.Error != 0)
        {
            return isIPv6
                ? false
                : throw error.WithTarget(
                    error.Target!, "This kernel does not list TCP sockets: it lacks CONFIG_INET_TCP_DIAG.");
        }
    }
}
