using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Interop;

namespace NetKeepAlive.Tables;

/// <summary>Finds for the rows of a table who holds them.</summary>
internal static class OwnerLookup
{
    // Up to so many rows the processes are searched only until all owners are found.
    private const int Few = 256;

    // So many rows wait while all processes are looked at; the kernel keeps the rest until it is asked for them.
    private const int MostHeld = 20_000;

    // Sockets for which the last listing of many found nobody: the kernel's own, and those of other pid namespaces.
    // They are not worth a second look each time.
    private static volatile HashSet<ulong> _ownerless = [];

    /// <summary>Of how many sockets it is remembered that they have no owner.</summary>
    internal static int OwnerlessCount => _ownerless.Count;

    /// <summary>Gives those rows that processes hold their owners. Where this user may not look into one of these
    /// processes, what nobody else is seen to hold may be its: such a row comes without an owner.</summary>
    /// <param name="rows">The rows, as they come from the kernel.</param>
    /// <param name="processIds">The processes.</param>
    /// <param name="everybody">All processes, asked for where one of these may not be looked into.</param>
    /// <param name="token">Ends the search.</param>
    internal static IEnumerable<T> Of<T>(
        IEnumerable<T> rows, IReadOnlyCollection<int> processIds, Func<ProcessSockets> everybody, CancellationToken token)
        where T : SocketRow
    {
        ProcessNames names = new();
        ProcessSockets owners = ProcessSockets.Scan(processIds, token);
        ProcessSockets? others = owners.WasRefused ? everybody() : null;
        return rows.Where(row => Claim(row, owners, names)
            || (others is not null && row.Inode != 0 && others.Find((uint)row.Inode) is null));
    }

    /// <summary>Gives each row its owner, and the rows out as soon as theirs is known.</summary>
    internal static IEnumerable<T> Of<T>(IEnumerable<T> rows, CancellationToken token)
        where T : SocketRow
    {
        ProcessNames names = new();
        using IEnumerator<T> source = rows.GetEnumerator();
        List<T> held = [];
        bool more = Take(source, held, () => held.Count < Few);
        if (!more)
        {
            foreach (T row in Search(held, names, token))
            {
                yield return row;
            }

            yield break;
        }

        Task<ProcessSockets> scan = Task.Run(() => ProcessSockets.Scan(null, token), token);
        List<T> unknown = [];
        HashSet<ulong> ownerless = [];
        while (more || held.Count > 0)
        {
            more = more && Take(source, held, () => held.Count < (scan.IsCompleted ? Few : MostHeld));
            ProcessSockets owners = scan.GetAwaiter().GetResult();
            foreach (T row in held)
            {
                if (Claim(row, owners, names) || !MayHaveOwner(row))
                {
                    yield return row;
                }
                else if (_ownerless.Contains(row.Cookie))
                {
                    ownerless.Add(row.Cookie);
                    yield return row;
                }
                else
                {
                    unknown.Add(row);
                }
            }

            held.Clear();
        }

        // Opened between the look at /proc and the kernel's answer: look once more.
        foreach (T row in Search(unknown, names, token))
        {
            if (row.OwningProcess is null)
            {
                ownerless.Add(row.Cookie);
            }

            yield return row;
        }

        _ownerless = ownerless;
    }

    private static List<T> Search<T>(List<T> rows, ProcessNames names, CancellationToken token)
        where T : SocketRow
    {
        HashSet<uint> wanted = rows.Where(MayHaveOwner).Select(static row => (uint)row.Inode).ToHashSet();
        ProcessSockets owners = ProcessSockets.Search(wanted, token);
        rows.ForEach(row => Claim(row, owners, names));
        return rows;
    }

    // At least one row is taken, so that a caller who waits for nothing goes on.
    private static bool Take<T>(IEnumerator<T> source, List<T> held, Func<bool> goOn)
    {
        do
        {
            if (!source.MoveNext())
            {
                return false;
            }

            held.Add(source.Current);
        }
        while (goOn());
        return true;
    }

    private static bool Claim(SocketRow row, ProcessSockets owners, ProcessNames names)
    {
        if (owners.Find((uint)row.Inode) is not { } owner)
        {
            return false;
        }

        row.SetOwner(owner, names.Of(owner.ProcessId));
        return true;
    }

    // Nobody is found for what has no inode, and for other users' sockets without rights.
    private static bool MayHaveOwner(SocketRow row) =>
        row.Inode != 0
        && (Environment.IsPrivilegedProcess || row.UserId is null || row.UserId == Libc.GetEUid());
}
