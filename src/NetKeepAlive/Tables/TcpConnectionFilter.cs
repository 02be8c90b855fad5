using System;
using System.Collections.Generic;
using System.Linq;
using NetKeepAlive.Addresses;
using NetKeepAlive.Interop.Netlink;

namespace NetKeepAlive.Tables;

/// <summary>Which connections are wanted: one of each list that is not empty.</summary>
internal sealed record TcpConnectionFilter
{
    internal IReadOnlyList<AddressPattern> LocalAddress { get; init; } = [];
    internal IReadOnlyList<int> LocalPort { get; init; } = [];
    internal IReadOnlyList<AddressPattern> RemoteAddress { get; init; } = [];
    internal IReadOnlyList<int> RemotePort { get; init; } = [];
    internal IReadOnlyList<TcpConnectionState> State { get; init; } = [];
    internal IReadOnlyList<int> OwningProcess { get; init; } = [];

    /// <summary>Where to look; empty for the own network namespace, or that of each process that is named.</summary>
    internal IReadOnlyList<NetNamespace?> Networks { get; init; } = [];

    /// <summary>The states as the kernel takes them.</summary>
    internal uint States => State.Count == 0 ? KernelState.All : State.Aggregate(0u, (b, s) => b | KernelState.ToBits(s));

    /// <summary>The addresses and ports as the kernel takes them; null where they are too many for it.</summary>
    internal byte[]? Compile() => DiagFilter.Compile(
        LocalAddress.Select(it => it.ToCondition(source: true)).ToList(),
        LocalPort.Select(it => new DiagCondition(true, null, 0, it)).ToList(),
        RemoteAddress.Select(it => it.ToCondition(source: false)).ToList(),
        RemotePort.Select(it => new DiagCondition(false, null, 0, it)).ToList());

    /// <summary>Can a table hold anything that is wanted?</summary>
    internal bool CanMatch(bool isIPv6) =>
        (LocalAddress.Count == 0 || LocalAddress.Any(it => it.CanMatch(isIPv6)))
        && (RemoteAddress.Count == 0 || RemoteAddress.Any(it => it.CanMatch(isIPv6)));

    /// <summary>Is this row wanted, as far as addresses and ports go? Also what the kernel let through is asked: it
    /// knows no scopes, and takes no filter that is too long.</summary>
    internal bool Matches(DiagRecord record)
    {
        SocketIdentity identity = record.Identity;
        return (LocalPort.Count == 0 || LocalPort.Contains(identity.SourcePort))
            && (RemotePort.Count == 0 || RemotePort.Contains(identity.DestinationPort))
            && Matches(LocalAddress, identity, source: true, record.IsIPv6)
            && Matches(RemoteAddress, identity, source: false, record.IsIPv6);
    }

    private static bool Matches(
        IReadOnlyList<AddressPattern> patterns, in SocketIdentity identity, bool source, bool isIPv6)
    {
        if (patterns.Count == 0)
        {
            return true;
        }

        foreach (AddressPattern pattern in patterns)
        {
            if (pattern.Matches(identity, source, isIPv6))
            {
                return true;
            }
        }

        return false;
    }
}
