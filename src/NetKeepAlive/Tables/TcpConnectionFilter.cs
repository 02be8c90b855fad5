using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using NetKeepAlive.Addresses;
using NetKeepAlive.Interop.Netlink;

namespace NetKeepAlive.Tables;

/// <summary>Which sockets are wanted: one of each list that is not empty.</summary>
internal sealed record TcpConnectionFilter
{
    /// <summary>The states in which keep-alive matters, and a NAT can forget the connection.</summary>
    private static readonly TcpConnectionState[] Connected =
    [
        TcpConnectionState.SynSent, TcpConnectionState.Established, TcpConnectionState.FinWait1,
        TcpConnectionState.FinWait2, TcpConnectionState.CloseWait,
    ];

    internal IReadOnlyList<AddressPattern> LocalAddress { get; init; } = [];
    internal IReadOnlyList<PortRange> LocalPort { get; init; } = [];
    internal IReadOnlyList<AddressPattern> RemoteAddress { get; init; } = [];
    internal IReadOnlyList<PortRange> RemotePort { get; init; } = [];
    internal IReadOnlyList<TcpConnectionState> State { get; init; } = [];

    /// <summary>Whose.</summary>
    internal ProcessFilter Processes { get; init; } = new();

    /// <summary>Where to look; empty for the own network namespace, or that of each process that is named.</summary>
    internal IReadOnlyList<NetNamespace?> Networks { get; init; } = [];

    /// <summary>Did somebody ask for the states?</summary>
    internal bool NamesState { get; private init; } = true;

    /// <summary>Are connections of this machine with itself left out?</summary>
    internal bool ExcludeLoopback { get; init; }

    /// <summary>Are the keep-alive settings wanted?</summary>
    internal bool KeepAlive { get; init; }

    /// <summary>Only connections without keep-alive, or with a longer idle time; null for all.</summary>
    internal TimeSpan? IdleTimeOver { get; init; }

    /// <summary>Must the owners be known to tell what is wanted?</summary>
    internal bool NeedsOwners => Processes is not { Ids.Count: 0, Name: null } || IdleTimeOver is not null;

    /// <summary>Must the settings be read?</summary>
    internal bool NeedsSettings => KeepAlive || IdleTimeOver is not null;

    /// <summary>Without what is over but for its TimeWait, also that which the kernel calls FinWait2, unless states are
    /// asked for.</summary>
    internal TcpConnectionFilter WithoutTimeWait() => State.Count > 0 ? this : this with
    {
        State = Enum.GetValues<TcpConnectionState>()
            .Except([TcpConnectionState.Unknown, TcpConnectionState.TimeWait, TcpConnectionState.Closed])
            .ToArray(),
        NamesState = false,
    };

    /// <summary>Is what has this timer over, where nobody asks for the states?</summary>
    internal bool IsOver(TcpTimer? timer) => !NamesState && timer is TcpTimer.TimeWait;

    /// <summary>The states as the kernel takes them.</summary>
    internal uint States
    {
        get
        {
            uint states = State.Count == 0 ? KernelState.All : ToBits(State);
            return IdleTimeOver is null ? states : states & ToBits(Connected);
        }
    }

    /// <summary>The addresses and ports as the kernel takes them; null where they are too many for it.</summary>
    internal byte[]? Compile() => DiagFilter.Compile(
        ToConditions(LocalAddress, source: true),
        ToConditions(LocalPort, source: true),
        ToConditions(RemoteAddress, source: false),
        ToConditions(RemotePort, source: false));

    /// <summary>Can a table hold anything that is wanted?</summary>
    internal bool CanMatch(bool isIPv6) =>
        (LocalAddress.Count == 0 || LocalAddress.Any(it => it.CanMatch(isIPv6)))
        && (RemoteAddress.Count == 0 || RemoteAddress.Any(it => it.CanMatch(isIPv6)));

    /// <summary>Is this row wanted, as far as addresses, ports and what is over go? Also what the kernel let through is
    /// asked: it knows no scopes and no wildcards, and takes no filter that is too long.</summary>
    internal bool Matches(DiagRecord record)
    {
        SocketIdentity identity = record.Identity;
        return !IsOver((TcpTimer)record.Timer)
            && Matches(LocalPort, identity.SourcePort)
            && Matches(RemotePort, identity.DestinationPort)
            && Matches(LocalAddress, identity, source: true, record.IsIPv6)
            && Matches(RemoteAddress, identity, source: false, record.IsIPv6)
            && !(ExcludeLoopback && IsLoopback(identity, record.IsIPv6));
    }

    /// <summary>Could this be said of a socket of which nothing but its addresses is known any more?</summary>
    internal bool MatchesWithoutOwner(DiagRecord record) =>
        Processes is { Ids.Count: 0, Name: null } && !(NamesState && State.Count > 0) && IdleTimeOver is null && Matches(record);

    /// <summary>Is this row wanted, as far as its settings go?</summary>
    internal bool Matches(TcpConnection connection) =>
        IdleTimeOver is not { } limit
        || connection.KeepAlive is { } settings && (settings.Enabled is not true || settings.IdleTime > limit);

    /// <summary>Is a row that was wanted before still wanted, by its state, its owner and its settings?</summary>
    internal bool StillMatches(TcpConnection connection) =>
        (States & KernelState.ToBits(connection.State)) != 0 && Processes.Matches(connection) && Matches(connection);

    private static uint ToBits(IReadOnlyList<TcpConnectionState> states) =>
        states.Aggregate(0u, static (bits, state) => bits | KernelState.ToBits(state));

    private static List<DiagCondition> ToConditions(IReadOnlyList<AddressPattern> patterns, bool source) =>
        patterns.Any(static it => it.IsWildcard) ? [] : patterns.Select(it => it.ToCondition(source)).ToList();

    private static List<DiagCondition> ToConditions(IReadOnlyList<PortRange> ports, bool source) => ports
        .Select(it => new DiagCondition(source, null, 0, it.First, it.First == it.Last ? null : it.Last))
        .ToList();

    private static bool IsLoopback(in SocketIdentity identity, bool isIPv6) =>
        IsLoopback(SocketIdentity.ToIPAddress(identity, source: true, isIPv6))
        || IsLoopback(SocketIdentity.ToIPAddress(identity, source: false, isIPv6));

    // .NET knows one IPv4-mapped loopback address, and there are as many as in 127.0.0.0/8.
    private static bool IsLoopback(IPAddress address) =>
        IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    private static bool Matches(IReadOnlyList<PortRange> ranges, int port)
    {
        foreach (PortRange range in ranges)
        {
            if (range.Contains(port))
            {
                return true;
            }
        }

        return ranges.Count == 0;
    }

    private static bool Matches(
        IReadOnlyList<AddressPattern> patterns, in SocketIdentity identity, bool source, bool isIPv6)
    {
        foreach (AddressPattern pattern in patterns)
        {
            if (pattern.Matches(identity, source, isIPv6))
            {
                return true;
            }
        }

        return patterns.Count == 0;
    }
}
