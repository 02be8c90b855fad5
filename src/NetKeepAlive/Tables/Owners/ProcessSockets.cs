using System;
using System.Buffers.Text;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text.Unicode;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Interop;

namespace NetKeepAlive.Tables;

/// <summary>A process's descriptor of a socket.</summary>
/// <param name="ProcessId">The process.</param>
/// <param name="FileDescriptor">Its descriptor.</param>
internal readonly record struct SocketOwner(int ProcessId, int FileDescriptor);

/// <summary>
/// Which process holds which socket, from the links in <c>/proc/PID/fd</c> (proc(5)), or from the kernel's iterator where
/// there is one. A user sees the descriptors of their own processes, root all; processes that may not be looked into are
/// passed over.
/// </summary>
internal sealed class ProcessSockets
{
    private const string ProcFolder = "/proc";
    private const int MostWorkers = 4;

    // From so many descriptors on it pays to find out where the kernel has what its iterator reads: some milliseconds.
    private const int Many = 8192;

    private readonly Dictionary<uint, SocketOwner> _owners = [];
    private int _refusals;

    private ProcessSockets()
    {
    }

    /// <summary>Were there processes that this user may not look into?</summary>
    internal bool WasRefused => _refusals > 0;

    /// <summary>Looks at every process, or at some.</summary>
    /// <param name="processIds">The processes; null for all.</param>
    /// <param name="token">Ends the walk.</param>
    internal static ProcessSockets Scan(IEnumerable<int>? processIds, CancellationToken token)
    {
        ProcessSockets sockets = new();
        if (processIds is null && sockets.TryIterate(wanted: null, token))
        {
            return sockets;
        }

        // A few processes hold nearly all of a busy host's sockets, so each processor takes the next when it is free.
        ParallelOptions options = new()
        {
            MaxDegreeOfParallelism = Math.Min(MostWorkers, Environment.ProcessorCount),
            CancellationToken = token,
        };
        Parallel.ForEach(
            processIds ?? Processes(),
            options,
            static () => new List<(uint Inode, SocketOwner Owner)>(),
            (processId, _, found) =>
            {
                sockets.AddSockets(found, processId);
                return found;
            },
            sockets.Merge);
        return sockets;
    }

    /// <summary>
    /// Looks for the holders of some sockets, and no further once all are found. A process's descriptors are opened in
    /// time, as are the inodes of its sockets: so where the first inodes of blocks of descriptors are known, the block
    /// that a socket is in is mostly the first that is read in full, of hundreds of thousands of descriptors.
    /// </summary>
    /// <returns>The holders; where several processes hold a socket, the lowest id of those that were looked at.</returns>
    internal static ProcessSockets Search(IReadOnlySet<uint> wanted, CancellationToken token)
    {
        ProcessSockets sockets = new();
        if (wanted.Count == 0)
        {
            return sockets;
        }

        if (SocketIterator.IsReady && sockets.TryIterate(wanted, token))
        {
            return sockets;
        }

        List<DescriptorBlock> blocks = [];
        foreach (int processId in Processes())
        {
            token.ThrowIfCancellationRequested();
            DescriptorBlock.AddAll(blocks, processId);
            if (!SocketIterator.IsReady && blocks.Count > Many / DescriptorBlock.Size && sockets.TryIterate(wanted, token))
            {
                return sockets;
            }
        }

        foreach (DescriptorBlock block in DescriptorBlock.InOrder(blocks, wanted))
        {
            token.ThrowIfCancellationRequested();
            sockets.Merge(block.Read(wanted));
            if (sockets._owners.Count == wanted.Count)
            {
                sockets.PreferLowest(wanted);
                break;
            }
        }

        return sockets;
    }

    /// <summary>The holder of a socket; null where none is seen. Where several processes hold it, the lowest
    /// id.</summary>
    internal SocketOwner? Find(uint inode) =>
        inode != 0 && _owners.TryGetValue(inode, out SocketOwner owner) ? owner : null;

    /// <summary>The number in <c>socket:[4711]</c>; 0 for any other link.</summary>
    internal static uint ParseLink(ReadOnlySpan<byte> link)
    {
        ReadOnlySpan<byte> prefix = "socket:["u8;
        if (!link.StartsWith(prefix) || link[^1] != (byte)']')
        {
            return 0;
        }

        ulong inode = 0;
        foreach (byte digit in link[prefix.Length..^1])
        {
            if (digit is < (byte)'0' or > (byte)'9' || inode > uint.MaxValue)
            {
                return 0;
            }

            inode = (inode * 10) + (uint)(digit - '0');
        }

        return inode <= uint.MaxValue ? (uint)inode : 0;
    }

    /// <summary>The inode of the socket that a descriptor of this process refers to; 0 where it is no socket.</summary>
    internal static uint InodeOf(SafeHandle descriptor) => InodeOf(Environment.ProcessId, (int)descriptor.DangerousGetHandle());

    /// <summary>The inode of the socket that a descriptor of a process refers to; 0 where it is no socket, or not to be
    /// seen.</summary>
    internal static uint InodeOf(int processId, int descriptor)
    {
        Span<byte> path = stackalloc byte[64];
        Utf8.TryWrite(path, CultureInfo.InvariantCulture, $"{ProcFolder}/{processId}/fd/{descriptor}\0", out int length);
        return ReadInode(null, path[..length]);
    }

    /// <summary>The inode of the socket that a descriptor of an open <c>/proc/PID/fd</c> refers to; 0 where it is no
    /// socket.</summary>
    internal static uint InodeOf(DirectoryHandle folder, int descriptor)
    {
        Span<byte> name = stackalloc byte[16];
        Utf8.TryWrite(name, CultureInfo.InvariantCulture, $"{descriptor}\0", out int length);
        return ReadInode(folder, name[..length]);
    }

    /// <summary>The descriptors of a process: <c>/proc/PID/fd</c>; null where this user may not look into it.</summary>
    internal static DirectoryHandle? OpenDescriptors(int processId) =>
        Libc.OpenDir(string.Create(CultureInfo.InvariantCulture, $"{ProcFolder}/{processId}/fd"));

    /// <summary>The entries of a folder of proc(5) that are numbers: processes, descriptors. None of null.</summary>
    internal static List<int> Numbers(DirectoryHandle? folder)
    {
        List<int> numbers = [];
        while (folder is not null && Libc.ReadDir(folder) is { IsEmpty: false } entry)
        {
            if (Utf8Parser.TryParse(entry, out int number, out int digits) && digits == entry.Length)
            {
                numbers.Add(number);
            }
        }

        return numbers;
    }

    // False where there is no iterator, or it breaks off. Its processes come in the order of their ids, so the first holder
    // is the one with the lowest.
    private bool TryIterate(IReadOnlySet<uint>? wanted, CancellationToken token)
    {
        if (SocketIterator.TryBegin(token) is not { } all)
        {
            return false;
        }

        try
        {
            foreach ((uint inode, SocketOwner owner) in all)
            {
                if ((wanted is null || wanted.Contains(inode)) && _owners.TryAdd(inode, owner)
                    && _owners.Count == wanted?.Count)
                {
                    break;
                }
            }

            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private void AddSockets(List<(uint Inode, SocketOwner Owner)> sockets, int processId)
    {
        using DirectoryHandle? folder = OpenDescriptors(processId);
        if (folder is null && MayHaveDescriptors(processId))
        {
            Interlocked.Increment(ref _refusals);
        }

        foreach (int descriptor in Numbers(folder))
        {
            uint inode = InodeOf(folder!, descriptor);
            if (inode != 0)
            {
                sockets.Add((inode, new SocketOwner(processId, descriptor)));
            }
        }
    }

    // Who has inherited a socket from a parent has it at the same descriptor, and mostly a higher id.
    private void PreferLowest(IReadOnlySet<uint> wanted)
    {
        List<int> processes = Processes();
        processes.Sort();
        foreach (uint inode in wanted)
        {
            SocketOwner owner = _owners[inode];
            foreach (int lower in processes.TakeWhile(it => it < owner.ProcessId))
            {
                if (InodeOf(lower, owner.FileDescriptor) == inode)
                {
                    _owners[inode] = owner with { ProcessId = lower };
                    break;
                }
            }
        }
    }

    private void Merge(List<(uint Inode, SocketOwner Owner)> found)
    {
        lock (_owners)
        {
            _owners.EnsureCapacity(_owners.Count + found.Count);
            foreach ((uint inode, SocketOwner candidate) in found)
            {
                // Of several owners the lowest id, so that the same listing gives the same answer.
                ref SocketOwner owner = ref CollectionsMarshal.GetValueRefOrAddDefault(_owners, inode, out bool known);
                if (!known || candidate.ProcessId < owner.ProcessId)
                {
                    owner = candidate;
                }
            }
        }
    }

    /// <summary>The ids of all processes, as far as <c>/proc</c> shows them; of libproc where there is none.</summary>
    internal static List<int> Processes()
    {
        if (!Abi.Current.HasProcFiles)
        {
            return Libc.ListProcesses();
        }

        using DirectoryHandle? folder = Libc.OpenDir(ProcFolder);
        return Numbers(folder);
    }

    /// <summary>Is there a process of this id?</summary>
    internal static bool IsThere(int processId) => Abi.Current.HasProcFiles
        ? Directory.Exists(string.Create(CultureInfo.InvariantCulture, $"{ProcFolder}/{processId}"))
        : Libc.ListProcesses().Contains(processId);

    /// <summary>May a process that cannot be looked into have descriptors? A thread of the kernel, and who has ended and is
    /// not yet waited for, have no memory (statm of proc_pid_statm(5) begins with 0) and none.</summary>
    internal static bool MayHaveDescriptors(int processId)
    {
        if (!Abi.Current.HasProcFiles)
        {
            return IsThere(processId);
        }

        try
        {
            string path = string.Create(CultureInfo.InvariantCulture, $"{ProcFolder}/{processId}/statm");
            return !File.ReadAllText(path).StartsWith("0 ", StringComparison.Ordinal);
        }
        catch (UnauthorizedAccessException)
        {
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static uint ReadInode(DirectoryHandle? folder, ReadOnlySpan<byte> path)
    {
        Span<byte> link = stackalloc byte[64];
        int length = Libc.ReadLinkAt(folder, path, link);
        return length <= 0 ? 0 : ParseLink(link[..length]);
    }
}
