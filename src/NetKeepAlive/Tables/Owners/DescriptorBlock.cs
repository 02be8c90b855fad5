using System;
using System.Collections.Generic;
using System.Linq;
using NetKeepAlive.Interop;

namespace NetKeepAlive.Tables;

/// <summary>Some descriptors of a process that follow one another, and the inode of the first of them that is a
/// socket.</summary>
internal readonly record struct DescriptorBlock(int ProcessId, int[] Descriptors, uint FirstInode)
{
    /// <summary>How many descriptors it has at most.</summary>
    internal const int Size = 64;

    /// <summary>The blocks of a process; none where it may not be looked into or holds no socket.</summary>
    internal static void AddAll(List<DescriptorBlock> blocks, int processId)
    {
        using DirectoryHandle? folder = ProcessSockets.OpenDescriptors(processId);
        foreach (int[] block in ProcessSockets.Numbers(folder).Order().Chunk(Size))
        {
            uint first = block.Select(it => ProcessSockets.InodeOf(folder!, it)).FirstOrDefault(static inode => inode != 0);
            if (first != 0)
            {
                blocks.Add(new DescriptorBlock(processId, block, first));
            }
        }
    }

    /// <summary>The blocks, those first in which a wanted socket should be if inodes were given in time: of each process
    /// the last one that does not begin after it.</summary>
    internal static IEnumerable<DescriptorBlock> InOrder(List<DescriptorBlock> blocks, IReadOnlySet<uint> wanted)
    {
        uint[] sorted = [.. wanted.Order()];
        return blocks.OrderBy(block => Distance(sorted, block.FirstInode));
    }

    /// <summary>The wanted sockets among the descriptors.</summary>
    internal List<(uint Inode, SocketOwner Owner)> Read(IReadOnlySet<uint> wanted)
    {
        List<(uint Inode, SocketOwner Owner)> found = [];
        foreach (int descriptor in Descriptors)
        {
            uint inode = ProcessSockets.InodeOf(ProcessId, descriptor);
            if (wanted.Contains(inode))
            {
                found.Add((inode, new SocketOwner(ProcessId, descriptor)));
            }
        }

        return found;
    }

    // To the next wanted inode at or after the block's first.
    private static uint Distance(uint[] wanted, uint first)
    {
        int at = Array.BinarySearch(wanted, first);
        int next = at < 0 ? ~at : at;
        return next < wanted.Length ? wanted[next] - first : uint.MaxValue;
    }
}
