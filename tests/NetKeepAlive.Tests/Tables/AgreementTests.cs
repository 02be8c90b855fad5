using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using NetKeepAlive.Addresses;
using NetKeepAlive.Interop;
using NetKeepAlive.Tables;
using Xunit;

namespace NetKeepAlive.Tests.Tables;

/// <summary>The listing against that of ss(8): the same set, and timers within 100 ms of what lies between the listings
/// before and after.</summary>
[Collection(nameof(SteadyStates))]
public sealed class AgreementTests
{
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(100);

    public AgreementTests() => Assert.SkipUnless(CurrentPlatform.Value is Platform.Linux, "Linux only");

    [Fact]
    public void Several_thousand_sockets_agree_with_ss()
    {
        using SteadyStates states = new(rounds: 900);
        List<TcpConnection> rows = Mine(states.Ports);
        Assert.True(rows.Count > 3000, $"{rows.Count} sockets");
        Assert.Equal(
            (TcpConnectionState[])
            [
                TcpConnectionState.CloseWait, TcpConnectionState.Established, TcpConnectionState.FinWait2,
                TcpConnectionState.Listen, TcpConnectionState.SynSent, TcpConnectionState.TimeWait,
            ],
            StatesOf(rows));

        int timers = Compare(states.Ports).Count;
        Assert.True(timers > 1000, $"{timers} timers compared");
    }

    [Fact]
    public void The_states_that_a_connection_passes_through_agree_with_ss() => NetworkNamespace.Run(() =>
    {
        using PassingStates states = new(rounds: 40);
        TcpConnectionState[] passing =
        [
            TcpConnectionState.Closing, TcpConnectionState.FinWait1, TcpConnectionState.LastAck,
            TcpConnectionState.SynReceived, TcpConnectionState.SynSent,
        ];
        List<TcpConnection> rows = Mine(states.Ports);
        TcpConnectionState[] made = [.. passing, TcpConnectionState.Established, TcpConnectionState.Listen];
        Assert.Equivalent(made, StatesOf(rows), strict: true);
        foreach (TcpConnectionState state in passing)
        {
            List<TcpConnection> asked = Mine(states.Ports, new TcpConnectionFilter { State = [state] });
            Assert.Equal(
                rows.Where(row => row.State == state).Select(SsListing.Key).Order(),
                asked.Select(SsListing.Key).Order());
            // IPv4, IPv6, IPv4-mapped; the servers' side is mapped where it is not IPv6.
            Assert.Equal(
                state is TcpConnectionState.FinWait1 or TcpConnectionState.SynReceived
                    ? ["::1", "::ffff:127.0.0.1"]
                    : ["127.0.0.1", "::1", "::ffff:127.0.0.1"],
                asked.Select(row => row.LocalAddress).Distinct().Order(StringComparer.Ordinal));
        }

        foreach (TcpConnectionState state in passing[..3])
        {
            // A process that is just being started may be seen with a copy.
            Eventually.Is(
                () => Mine(states.Ports, new TcpConnectionFilter { State = [state] })
                    .Select(row => row.OwningProcess).Distinct().Order().SequenceEqual([null, Environment.ProcessId]),
                $"{state} to have this process and nobody");
        }

        // Retransmissions start 0.2 s apart, so that one may come between two listings; they soon become rarer.
        HashSet<TcpConnectionState> compared = [];
        Stopwatch clock = Stopwatch.StartNew();
        while (!compared.IsSupersetOf(passing))
        {
            compared.UnionWith(Compare(states.Ports));
            Assert.True(
                clock.Elapsed < TimeSpan.FromSeconds(20),
                $"No timers to compare of {string.Join(", ", passing.Except(compared))}.");
            Thread.Sleep(100);
        }
    });

    [Fact]
    public void A_connection_not_yet_acknowledged_is_found_by_ports_and_addresses() => NetworkNamespace.Run(() =>
    {
        using PassingStates states = new(rounds: 0);
        List<TcpConnection> requests =
            Mine(states.Ports, new TcpConnectionFilter { State = [TcpConnectionState.SynReceived] });
        Assert.Equal(3, requests.Count);
        foreach (TcpConnection request in requests)
        {
            Assert.Equal(0, request.Inode);
            Assert.Null(request.OwningProcess);
            Assert.Null(request.Info);
            // By the peer's side, which its listener does not have.
            TcpConnection found = Assert.Single(Listing.Tcp(new TcpConnectionFilter
            {
                LocalPort = Ports.Of(request.LocalPort),
                LocalAddress = [AddressPattern.Parse(request.LocalAddress)],
                RemotePort = Ports.Of(request.RemotePort),
                RemoteAddress = [AddressPattern.Parse(request.RemoteAddress)],
            }));
            Assert.Equal(request.Cookie, found.Cookie);
            Assert.Equal(TcpConnectionState.SynReceived, found.State);
        }
    });

    // Lists before and after ss and compares; the state of each socket whose timer could be compared comes back. Where the
    // sockets were others afterwards, ss may have seen either.
    private static List<TcpConnectionState> Compare(HashSet<int> ports)
    {
        List<TcpConnection> before;
        Dictionary<string, SsRow> ss;
        Dictionary<string, TcpConnection> after;
        TimeSpan took;
        Stopwatch clock = Stopwatch.StartNew();
        do
        {
            long begin = Stopwatch.GetTimestamp();
            before = Mine(ports);
            ss = SsListing.Read(ports);
            after = Mine(ports).ToDictionary(SsListing.Key);
            took = Stopwatch.GetElapsedTime(begin);
        }
        while (clock.Elapsed < TcpPair.Limit && !after.Keys.ToHashSet().SetEquals(before.Select(SsListing.Key)));

        Assert.Equal(ss.Keys.Order(), before.Select(SsListing.Key).Order());
        Assert.Equal(ss.Keys.Order(), after.Keys.Order());
        List<TcpConnectionState> compared = [];
        foreach (TcpConnection row in before)
        {
            SsRow theirs = ss[SsListing.Key(row)];
            TcpConnection last = after[SsListing.Key(row)];
            Assert.Equal(theirs.Inode, row.Inode);
            Assert.Equal(theirs.ReceiveQueue, row.AcceptQueue ?? row.ReceiveQueue);
            Assert.Equal(theirs.SendQueue, row.Backlog ?? row.SendQueue);

            // One that may have gone off meanwhile tells nothing.
            if (row.Timer != last.Timer || row.Retransmits != last.Retransmits || row.TimerExpires <= took)
            {
                continue;
            }

            Assert.Equal(theirs.Timer, row.Timer);
            if (theirs.Expires is { } expires)
            {
                compared.Add(row.State);
                // ss cuts what is 10 s or more to whole seconds.
                TimeSpan grain = expires >= TimeSpan.FromSeconds(10) ? TimeSpan.FromSeconds(1) : TimeSpan.Zero;
                Assert.InRange(expires, last.TimerExpires!.Value - Slack - grain, row.TimerExpires!.Value + Slack);
            }
        }

        return compared;
    }

    private static List<TcpConnection> Mine(HashSet<int> ports, TcpConnectionFilter? filter = null) =>
        Listing.Tcp(filter ?? new TcpConnectionFilter())
            .Where(row => ports.Contains(row.LocalPort) || ports.Contains(row.RemotePort))
            .ToList();

    private static TcpConnectionState[] StatesOf(List<TcpConnection> rows) =>
        rows.Select(row => row.State).Distinct().OrderBy(state => state.ToString()).ToArray();
}
