using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Opening;
using Xunit;

namespace NetKeepAlive.Tests.Opening;

public sealed class TcpConnectorTests
{
    [Fact]
    public void The_families_take_turns_beginning_with_the_first()
    {
        IPAddress[] addresses = Parse("::1", "::2", "::3", "10.0.0.1", "10.0.0.2");
        Assert.Equal(Parse("::1", "10.0.0.1", "::2", "10.0.0.2", "::3"), TcpConnector.Interleave(addresses));
        Assert.Equal(Parse("10.0.0.1", "::1"), TcpConnector.Interleave(Parse("10.0.0.1", "::1")));
        Assert.Empty(TcpConnector.Interleave([]));
    }

    [Fact]
    public void A_refused_address_costs_no_time_and_the_next_one_is_tried()
    {
        using Server server = new(IPAddress.Loopback);
        using StreamSocket socket =
            new TcpConnector { AttemptTimeout = TimeSpan.FromSeconds(30) }.Connect(
                ["::1", "127.0.0.1"], server.Port, CancellationToken.None);
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, server.Port), socket.Socket.RemoteEndPoint);
        IReadOnlyList<ConnectionAttempt> attempts = socket.ConnectionAttempts;
        Assert.Equal([ConnectionOutcome.Failed, ConnectionOutcome.Connected], attempts.Select(it => it.Outcome));
        Assert.Equal("ECONNREFUSED", attempts[0].Error);
        Assert.Equal(AddressFamily.InterNetworkV6, attempts[0].AddressFamily);
        Assert.Null(attempts[1].Error);
    }

    [Fact]
    public void A_silent_address_is_overtaken_after_the_attempts_time()
    {
        (Server silent, Server live) = OnOnePort(secondIsFull: false);
        using Server first = silent;
        using Server second = live;
        using StreamSocket socket =
            new TcpConnector { AttemptTimeout = TimeSpan.FromMilliseconds(50) }.Connect(
                ["127.0.0.2", "127.0.0.1"], silent.Port, CancellationToken.None);
        Assert.Equal([ConnectionOutcome.TimedOut, ConnectionOutcome.Connected], socket.ConnectionAttempts.Select(it => it.Outcome));
        Assert.InRange(socket.ConnectionAttempts[1].StartTime, TimeSpan.FromMilliseconds(45), TcpPair.Limit);
    }

    [Fact]
    public async Task A_slow_address_stays_in_the_race()
    {
        // Both queues are full; the first is served while the second is being tried.
        (Server slow, Server silent) = OnOnePort(secondIsFull: true);
        using Server first = slow;
        using Server second = silent;
        Task<StreamSocket> connecting = Task.Factory.StartNew(
            () => new TcpConnector { AttemptTimeout = TimeSpan.FromMilliseconds(50), Timeout = TimeSpan.FromSeconds(30) }
                .Connect(["127.0.0.2", "127.0.0.1"], slow.Port, CancellationToken.None),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        IPEndPoint tried = new(IPAddress.Loopback, slow.Port);
        Eventually.Is(
            () => IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections()
                .Any(it => it.State is TcpState.SynSent && it.RemoteEndPoint.Equals(tried)),
            "the second address to be tried");
        Thread.Sleep(100);
        new Thread(slow.AcceptAll) { IsBackground = true }.Start();
        using StreamSocket socket = await connecting;
        Assert.Equal(IPAddress.Parse("127.0.0.2"), socket.RemoteAddress);
        Assert.Equal([ConnectionOutcome.Connected, ConnectionOutcome.TimedOut], socket.ConnectionAttempts.Select(it => it.Outcome));
    }

    [Fact]
    public void When_all_fail_one_error_lists_every_attempt_with_its_reason()
    {
        // Of both families, and nobody listens.
        using Socket held = new(SocketType.Stream, ProtocolType.Tcp);
        held.Bind(new IPEndPoint(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, 0));
        int port = ((IPEndPoint)held.LocalEndPoint!).Port;
        NativeSocketException error = Assert.Throws<NativeSocketException>(
            () => new TcpConnector().Connect(["::1", "127.0.0.1", "224.0.0.1"], port, CancellationToken.None));
        Assert.Equal("ECONNREFUSED", error.Errno);
        Assert.Contains($"[::1]:{port} failed", error.Message, StringComparison.Ordinal);
        Assert.Contains($"127.0.0.1:{port} failed", error.Message, StringComparison.Ordinal);
        IReadOnlyList<ConnectionAttempt> attempts =
            Assert.IsAssignableFrom<IReadOnlyList<ConnectionAttempt>>(error.Data[TcpConnector.AttemptsKey]);
        Assert.Equal(3, attempts.Count);
        Assert.Contains(attempts, it => it.Error == "ECONNREFUSED");
        Assert.Contains(attempts, it => it.Error != "ECONNREFUSED");
        Assert.All(attempts, it => Assert.Contains(it.Message!, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void An_attempt_has_ten_milliseconds_at_the_least_and_the_last_one_no_limit_of_its_own()
    {
        (Server silent, Server next) = OnOnePort(secondIsFull: true);
        using Server first = silent;
        using Server second = next;
        Stopwatch clock = Stopwatch.StartNew();
        TimeoutException error = Assert.Throws<TimeoutException>(
            () => new TcpConnector { AttemptTimeout = TimeSpan.Zero, Timeout = TimeSpan.FromSeconds(5) }.Connect(
                ["127.0.0.2", "127.0.0.1"], silent.Port, CancellationToken.None));
        TimeSpan end = clock.Elapsed;
        IReadOnlyList<ConnectionAttempt> attempts = (IReadOnlyList<ConnectionAttempt>)error.Data["ConnectionAttempts"]!;
        Assert.True(attempts[1].StartTime >= TimeSpan.FromMilliseconds(9), $"the second began at {attempts[1].StartTime}");
        Assert.True(end >= TimeSpan.FromSeconds(4.5), $"the last one ended at {end}");
    }

    [Theory]
    [InlineData(0, "0 s")]
    [InlineData(150, "150 ms")]
    public void The_whole_has_a_limit_and_names_what_it_was_spent_on(int milliseconds, string limit)
    {
        using Server silent = new(IPAddress.Loopback, full: true);
        TimeoutException error = Assert.Throws<TimeoutException>(
            () => new TcpConnector { Timeout = TimeSpan.FromMilliseconds(milliseconds) }.Connect(
                ["127.0.0.1"], silent.Port, CancellationToken.None));
        Assert.Contains($"within {limit}.", error.Message, StringComparison.Ordinal);
        Assert.Contains($"127.0.0.1:{silent.Port} timed out", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cancelling_ends_it_at_once()
    {
        using Server silent = new(IPAddress.Loopback, full: true);
        using CancellationTokenSource cancel = new(TimeSpan.FromMilliseconds(100));
        Stopwatch clock = Stopwatch.StartNew();
        Assert.ThrowsAny<OperationCanceledException>(
            () => new TcpConnector().Connect(["127.0.0.1"], silent.Port, cancel.Token));
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(60));
    }

    [Fact]
    public void A_blocked_address_is_not_tried()
    {
        using Server server = new(IPAddress.Loopback);
        SocketBlockList list = new();
        list.AddAddress(IPAddress.IPv6Loopback);
        using StreamSocket socket =
            new TcpConnector { BlockList = list }.Connect(["::1", "127.0.0.1"], server.Port, CancellationToken.None);
        Assert.Equal([ConnectionOutcome.Blocked, ConnectionOutcome.Connected], socket.ConnectionAttempts.Select(it => it.Outcome));

        list.AddSubnet(IPAddress.Loopback, 8);
        NativeSocketException error = Assert.Throws<NativeSocketException>(() =>
            new TcpConnector { BlockList = list }.Connect(["::1", "127.0.0.1"], server.Port, CancellationToken.None));
        Assert.Equal("EACCES", error.Errno);
    }

    [Fact]
    public void The_family_and_the_local_address_decide_what_is_tried()
    {
        using Server server = new(IPAddress.Loopback);
        using StreamSocket socket =
            new TcpConnector { Family = AddressFamily.InterNetwork }.Connect(
                ["::1", "127.0.0.1"], server.Port, CancellationToken.None);
        Assert.Single(socket.ConnectionAttempts);

        using StreamSocket bound = new TcpConnector { LocalAddress = IPAddress.Parse("127.0.0.9") }.Connect(
            ["::1", "127.0.0.1"], server.Port, CancellationToken.None);
        Assert.Equal(IPAddress.Parse("127.0.0.9"), bound.LocalAddress);
        Assert.Single(bound.ConnectionAttempts);
        Assert.Throws<HostNotFoundException>(() => new TcpConnector { Family = AddressFamily.InterNetworkV6 }.Connect(
            ["127.0.0.1"], server.Port, CancellationToken.None));
    }

    [Fact]
    public void A_name_that_has_no_address_is_said_to_have_none()
    {
        HostNotFoundException error = Assert.Throws<HostNotFoundException>(
            () => new TcpConnector().Connect(["no such host"], 1, CancellationToken.None));
        Assert.Contains("no such host", error.Message, StringComparison.Ordinal);
    }

    private static IPAddress[] Parse(params string[] addresses) => addresses.Select(IPAddress.Parse).ToArray();

    // A port that is free at one address may be taken at the other.
    private static (Server First, Server Second) OnOnePort(bool secondIsFull)
    {
        for (int left = 9; ; left--)
        {
            Server first = new(IPAddress.Parse("127.0.0.2"), full: true);
            try
            {
                return (first, new Server(IPAddress.Loopback, first.Port, secondIsFull));
            }
            catch (SocketException taken) when (taken.SocketErrorCode is SocketError.AddressAlreadyInUse && left > 0)
            {
                first.Dispose();
            }
        }
    }

    /// <summary>A listener; a full one has no room in its queue, so that Linux drops the next SYN.</summary>
    private sealed class Server : IDisposable
    {
        private readonly Socket _listener;
        private readonly List<Socket> _queued = [];

        internal Server(IPAddress address, int port = 0, bool full = false)
        {
            _listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            _listener.Bind(new IPEndPoint(address, port));
            _listener.Listen(full ? 0 : 10);
            Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
            if (full)
            {
                // A backlog of 0 has room for one.
                Socket client = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                _queued.Add(client);
                client.Connect(_listener.LocalEndPoint!);
            }
        }

        internal int Port { get; }

        internal void AcceptAll()
        {
            try
            {
                while (true)
                {
                    _queued.Add(_listener.Accept());
                }
            }
            catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        public void Dispose()
        {
            _listener.Dispose();
            foreach (Socket socket in _queued.ToArray())
            {
                socket.Dispose();
            }
        }
    }
}
