using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.IO.Enumeration;
using System.Text;
using System.Threading;
using NetKeepAlive.Interop;

namespace NetKeepAlive.Connections;

/// <summary>A process's descriptor of a socket.</summary>
/// <param name="ProcessId">The process.</param>
/// <param name="FileDescriptor">Its descriptor.</param>
internal readonly record struct SocketOwner(int ProcessId, int FileDescriptor);

/// <summary>
/// Which process holds which socket, from the links in <c>/proc/PID/fd</c> (proc(5)). A user sees the descriptors of their
/// own processes, root all; processes that may not be looked into are passed over.
/// </summary>
internal sealed class ProcessSockets
{
    private const string ProcFolder = "/proc";

    private static readonly EnumerationOptions Accessible = new()
    {
        IgnoreInaccessible = true,
        AttributesToSkip = 0,
        ReturnSpecialDirectories = false,
    };

    private readonly Dictionary<uint, SocketOwner> _owners = [];
    private readonly Dictionary<int, string?> _names = [];

    private ProcessSockets()
    {
    }

    /// <summary>The inodes that were found.</summary>
    internal IReadOnlyCollection<uint> Inodes => _owners.Keys;

    /// <summary>Looks at every process, or at some.</summary>
    /// <param name="processIds">The processes; null for all.</param>
    /// <param name="token">Ends the walk.</param>
    internal static ProcessSockets Scan(IEnumerable<int>? processIds, CancellationToken token)
    {
        ProcessSockets sockets = new();
        foreach (int processId in processIds ?? Numbers(ProcFolder))
        {
            token.ThrowIfCancellationRequested();
            sockets.Add(processId);
        }

        return sockets;
    }

    /// <summary>The holder of a socket; null where none is seen. Where several processes hold it, the lowest id.</summary>
    internal SocketOwner? Find(uint inode) =>
        inode != 0 && _owners.TryGetValue(inode, out SocketOwner owner) ? owner : null;

    /// <summary>A process's name as <c>/proc/PID/comm</c> has it, at most 15 characters; null where it is gone.</summary>
    internal string? NameOf(int processId)
    {
        if (!_names.TryGetValue(processId, out string? name))
        {
            try
            {
                name = File.ReadAllText(Invariant($"{ProcFolder}/{processId}/comm")).TrimEnd('\n');
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                name = null;
            }

            _names.Add(processId, name);
        }

        return name;
    }

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
    internal static uint InodeOf(int descriptor)
    {
        Span<byte> path = stackalloc byte[64];
        Span<byte> link = stackalloc byte[64];
        int length = WritePath(path, "/proc/self/fd/"u8, descriptor);
        int linkLength = Libc.ReadLink(path[..length], link);
        return linkLength <= 0 ? 0 : ParseLink(link[..linkLength]);
    }

    private void Add(int processId)
    {
        string folder = Invariant($"{ProcFolder}/{processId}/fd");
        Span<byte> path = stackalloc byte[64];
        Span<byte> link = stackalloc byte[64];
        int prefix = Encoding.ASCII.GetBytes(folder, path);
        path[prefix++] = (byte)'/';
        ReadOnlySpan<byte> start = stackalloc byte[0];
        try
        {
            foreach (int descriptor in Numbers(folder))
            {
                int length = WritePath(path[prefix..], start, descriptor);
                int linkLength = Libc.ReadLink(path[..(prefix + length)], link);
                uint inode = linkLength <= 0 ? 0 : ParseLink(link[..linkLength]);
                if (inode == 0)
                {
                    continue;
                }

                if (!_owners.TryGetValue(inode, out SocketOwner owner) || processId < owner.ProcessId)
                {
                    _owners[inode] = new SocketOwner(processId, descriptor);
                }
            }
        }
        catch (IOException)
        {
            // It ended while it was looked at.
        }
    }

    private static int WritePath(Span<byte> path, ReadOnlySpan<byte> folder, int number)
    {
        folder.CopyTo(path);
        number.TryFormat(path[folder.Length..], out int digits, default, CultureInfo.InvariantCulture);
        path[folder.Length + digits] = 0;
        return folder.Length + digits + 1;
    }

    private static FileSystemEnumerable<int> Numbers(string folder) => new(folder, Number, Accessible)
    {
        ShouldIncludePredicate = static (ref FileSystemEntry entry) => Number(ref entry) >= 0,
    };

    private static int Number(ref FileSystemEntry entry) =>
        int.TryParse(entry.FileName, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : -1;

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
