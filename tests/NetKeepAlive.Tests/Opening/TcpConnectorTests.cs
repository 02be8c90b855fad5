using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
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
        using Server silent = new(IPAddress.Parse("127.0.0.2"), full: true);
        using Server live = new(IPAddress.Loopback, silent.Port);
        using StreamSocket socket =
            new TcpConnector { AttemptTimeout = TimeSpan.FromMilliseconds(50) }.Connect(
                ["127.0.0.2", "127.0.0.1"], silent.Port, CancellationToken.None);
        Assert.Equal([ConnectionOutcome.TimedOut, ConnectionOutcome.Connected], socket.ConnectionAttempts.Select(it => it.Outcome));
        Assert.InRange(socket.ConnectionAttempts[1].StartTime, TimeSpan.FromMilliseconds(45), TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void A_slow_address_stays_in_the_race()
    {
        // Both queues are full; the first is served while the second is being tried.
        using Server slow = new(IPAddress.Parse("127.0.0.2"), full: true);
        using Server silent = new(IPAddress.Loopback, slow.Port, full: true);
        using Timer serve = new(_ => slow.AcceptAll(), null, TimeSpan.FromMilliseconds(300), Timeout.InfiniteTimeSpan);
        using StreamSocket socket =
            new TcpConnector { AttemptTimeout = TimeSpan.FromMilliseconds(50), Timeout = TimeSpan.FromSeconds(30) }
                .Connect(["127.0.0.2", "127.0.0.1"], slow.Port, CancellationToken.None);
        Assert.Equal(IPAddress.Parse("127.0.0.2"), socket.RemoteAddress);
        Assert.Equal([ConnectionOutcome.Connected, ConnectionOutcome.TimedOut], socket.ConnectionAttempts.Select(it => it.Outcome));
    }

    [Fact]
    public void When_all_fail_one_error_lists_every_attempt_with_its_reason()
    {
        using Server server = new(IPAddress.Loopback);
        int port = server.Port;
        server.Dispose();
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
        using Server silent = new(IPAddress.Parse("127.0.0.2"), full: true);
        using Server next = new(IPAddress.Loopback, silent.Port, full: true);
        TimeoutException error = Assert.Throws<TimeoutException>(
            () => new TcpConnector { AttemptTimeout = TimeSpan.Zero, Timeout = TimeSpan.FromSeconds(1) }.Connect(
                ["127.0.0.2", "127.0.0.1"], silent.Port, CancellationToken.None));
        IReadOnlyList<ConnectionAttempt> attempts = (IReadOnlyList<ConnectionAttempt>)error.Data["ConnectionAttempts"]!;
        Assert.True(attempts[1].StartTime >= TimeSpan.FromMilliseconds(9), $"the second began at {attempts[1].StartTime}");
        TimeSpan end = attempts[1].StartTime + attempts[1].Elapsed;
        Assert.True(end >= TimeSpan.FromMilliseconds(950), $"the last one ended at {end}");
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
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
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
