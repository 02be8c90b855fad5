using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Netlink;

namespace NetKeepAlive.Tables;

/// <summary>Lists the TCP sockets of this network namespace.</summary>
internal static class TcpConnectionTable
{
    // A table that changes this often under the reader is emitted as far as it was seen.
    private const int MaximumAttempts = 5;

    // Sockets for which nobody was found twice, by cookie: the kernel's own, and those of other pid namespaces. They
    // are few, and not worth a second look in each listing.
    private static readonly ConcurrentDictionary<ulong, uint> HasNoOwner = new();

    /// <summary>
    /// Lists what a filter asks for, as it comes from the kernel. While the owners are being looked up rows are
    /// gathered; from then on each goes out as it is read. A dump that the kernel marks as interrupted is read again,
    /// and only what is new comes out.
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

    /// <summary>The rows without their owners.</summary>
    internal static IEnumerable<DiagRecord> ReadRecords(TcpConnectionFilter filter, CancellationToken token)
    {
        using DiagSocket socket = new();
        foreach (List<DiagRecord> batch in ReadBatches(socket, filter, token))
        {
            foreach (DiagRecord record in batch)
            {
                yield return record;
            }
        }
    }

    /// <summary>The rows without their owners, as many at a time as the kernel gives; the list is used again for the
    /// next.</summary>
    internal static IEnumerable<List<DiagRecord>> ReadBatches(
        DiagSocket socket, TcpConnectionFilter filter, CancellationToken token)
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
                    socket.Dump(isIPv6, states, bytecode, out DiagAnswer answer).GetEnumerator();
                while (Next(batches, isIPv6, answer))
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

    private static IEnumerable<TcpConnection> ReadWithOwners(TcpConnectionFilter filter, CancellationToken token)
    {
        IReadOnlyList<int>? processIds = filter.OwningProcess.Count == 0 ? null : filter.OwningProcess;
        Task<ProcessSockets> scan = Task.Run(() => ProcessSockets.Scan(processIds, token), token);
        using DiagSocket socket = new();
        List<DiagRecord> unknown = [];
        foreach (List<DiagRecord> batch in HoldUntil(scan, ReadBatches(socket, filter, token)))
        {
            ProcessSockets owners = scan.Result;
            foreach (DiagRecord record in batch)
            {
                if (owners.Find(record.Inode) is { } owner)
                {
                    yield return Make(record, owner, owners);
                }
                else if (processIds is null && !MayHaveOwner(record))
                {
                    yield return new TcpConnection(record);
                }
                else if (processIds is null)
                {
                    unknown.Add(record);
                }
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
            if (again.Find(record.Inode) is { } owner)
            {
                yield return Make(record, owner, again);
            }
            else
            {
                HasNoOwner.TryAdd(record.Cookie, record.Inode);
                yield return new TcpConnection(record);
            }
        }
    }

    /// <summary>Gathers rows until a task has ended; from then on they go out as they come.</summary>
    private static IEnumerable<List<DiagRecord>> HoldUntil(Task task, IEnumerable<List<DiagRecord>> batches)
    {
        List<DiagRecord> held = [];
        foreach (List<DiagRecord> batch in batches)
        {
            held.AddRange(batch);
            if (task.IsCompletedSuccessfully)
            {
                yield return held;
                held.Clear();
            }
        }

        task.GetAwaiter().GetResult();
        yield return held;
    }

    // Nobody is found for what has no inode, and for other users' sockets without rights.
    private static bool MayHaveOwner(DiagRecord record) =>
        record.Inode != 0
        && (Environment.IsPrivilegedProcess || record.User == Interop.Libc.GetEUid())
        && !HasNoOwner.ContainsKey(record.Cookie);

    private static TcpConnection Make(DiagRecord record, SocketOwner owner, ProcessSockets owners) => new(record)
    {
        OwningProcess = owner.ProcessId,
        FileDescriptor = owner.FileDescriptor,
        ProcessName = owners.NameOf(owner.ProcessId),
    };

    // A kernel without IPv6 has no table for it.
    private static bool Next(IEnumerator<List<DiagRecord>> batches, bool isIPv6, DiagAnswer answer)
    {
        try
        {
            return batches.MoveNext();
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
