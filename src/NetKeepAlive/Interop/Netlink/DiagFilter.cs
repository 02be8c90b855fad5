using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop.Netlink;

/// <summary>One condition on a socket's own address and port (source) or its peer's.</summary>
/// <param name="Source">The socket's own, or its peer's?</param>
/// <param name="Address">The address in network order, 4 or 16 bytes; null for any.</param>
/// <param name="PrefixLength">How many of its bits count.</param>
/// <param name="Port">The port; null for any.</param>
/// <param name="LastPort">The last of a range of ports that begins with <paramref name="Port"/>; null for one
/// port.</param>
internal readonly record struct DiagCondition(
    bool Source, byte[]? Address, int PrefixLength, int? Port, int? LastPort = null);

/// <summary>
/// Compiles conditions for the kernel's filter machine (<c>inet_diag_bc_run</c>): rows that nobody wants are then never
/// copied. Every operation jumps forward, to the next operation if it holds and to another if not; jumping four
/// bytes past the end refuses the socket, jumping to the end takes it.
/// </summary>
internal static class DiagFilter
{
    /// <summary>The longest program: jumps and the attribute's length have 16 bits.</summary>
    internal const int MaximumSize = 60_000;

    /// <summary>Compiles "one of each group": the groups are and-ed, the conditions of a group or-ed. Empty groups ask
    /// nothing.</summary>
    /// <returns>The program, empty where nothing is asked; null where it would be longer than the kernel takes, and the
    /// caller must filter by itself.</returns>
    internal static byte[]? Compile(params IReadOnlyList<DiagCondition>[] groups)
    {
        int total = 0;
        foreach (IReadOnlyList<DiagCondition> group in groups)
        {
            total += GroupSize(group);
            if (total > MaximumSize)
            {
                return null;
            }
        }

        byte[] program = new byte[total];
        int at = 0;
        foreach (IReadOnlyList<DiagCondition> group in groups)
        {
            int end = at + GroupSize(group);
            for (int i = 0; i < group.Count; i++)
            {
                int size = Size(group[i]);
                bool last = i == group.Count - 1;
                // Not this one: try the next, behind the jump; not the last either: refuse the socket.
                int otherwise = last ? program.Length - at + NetlinkAbi.Alignment : size + NetlinkAbi.OperationSize;
                WriteCondition(program.AsSpan(at, size), group[i], otherwise);
                at += size;
                if (!last)
                {
                    WriteOperation(
                        program.AsSpan(at), NetlinkAbi.OperationJump, NetlinkAbi.OperationSize, end - at);
                    at += NetlinkAbi.OperationSize;
                }
            }
        }

        return program;
    }

    private static int GroupSize(IReadOnlyList<DiagCondition> group)
    {
        int size = Math.Max(0, group.Count - 1) * NetlinkAbi.OperationSize;
        foreach (DiagCondition condition in group)
        {
            size += Size(condition);
        }

        return size;
    }

    private static int Size(DiagCondition condition) => condition.LastPort is null
        ? NetlinkAbi.OperationSize + NetlinkAbi.HostConditionSize + (condition.Address?.Length ?? 0)
        : 2 * NetlinkAbi.PortComparisonSize;

    private static void WriteCondition(Span<byte> bytes, DiagCondition condition, int otherwise)
    {
        if (condition.LastPort is { } last)
        {
            const int Half = NetlinkAbi.PortComparisonSize;
            WritePort(
                bytes[..Half],
                condition.Source ? NetlinkAbi.OperationSourceAtLeast : NetlinkAbi.OperationDestinationAtLeast,
                condition.Port ?? 0, otherwise);
            WritePort(
                bytes[Half..],
                condition.Source ? NetlinkAbi.OperationSourceAtMost : NetlinkAbi.OperationDestinationAtMost,
                last, otherwise - Half);
            return;
        }

        WriteOperation(
            bytes,
            condition.Source ? NetlinkAbi.OperationSourceCondition : NetlinkAbi.OperationDestinationCondition,
            bytes.Length,
            otherwise);
        Span<byte> host = bytes[NetlinkAbi.OperationSize..];
        // Family 0 is any; an IPv4 condition also meets IPv4-mapped IPv6 sockets.
        host[0] = (byte)(condition.Address?.Length switch
        {
            null => 0,
            4 => Abi.Current.AfInet,
            _ => Abi.Current.AfInet6,
        });
        host[1] = (byte)condition.PrefixLength;
        MemoryMarshal.Write(host[NetlinkAbi.HostConditionPort..], condition.Port ?? -1);
        condition.Address?.CopyTo(host[NetlinkAbi.HostConditionSize..]);
    }

    // The port stands where another operation would have its second jump.
    private static void WritePort(Span<byte> bytes, byte code, int port, int otherwise)
    {
        WriteOperation(bytes, code, NetlinkAbi.PortComparisonSize, otherwise);
        WriteOperation(bytes[NetlinkAbi.OperationSize..], 0, 0, port);
    }

    private static void WriteOperation(Span<byte> bytes, byte code, int yes, int no)
    {
        bytes[0] = code;
        bytes[1] = (byte)yes;
        MemoryMarshal.Write(bytes[2..], (ushort)no);
    }
}
