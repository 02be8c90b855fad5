using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Holders;
using NetKeepAlive.Interop.Netlink;
using NetKeepAlive.Probing;
using NetKeepAlive.Tables;
using NetKeepAlive.Tests.Tables;
using Xunit;

namespace NetKeepAlive.Tests.Probing;

/// <summary>What is concluded from what the kernel's account shows: here the account is written, so that what takes a
/// network minutes is seen at once.</summary>
public sealed class KeepAliveVerdictTests
{
    private static readonly TimeSpan Limit = TcpPair.Limit;

    // Nothing is overdue, however long the test is held off; the tests of times have their own interval.
    private static readonly TcpKeepAlive OneProbe = new()
    {
        IdleTime = TimeSpan.FromSeconds(1),
        Interval = TimeSpan.FromHours(1),
        ProbeCount = 1,
    };

    public KeepAliveVerdictTests() => Need.Linux();

    [Theory]
    [InlineData(1, 0, "The peer answered a keep-alive probe.")]
    [InlineData(3, 2, "The peer answered the last of 3 probes.")]
    public void A_probe_that_is_answered_shows_a_living_peer(int probes, int unanswered, string reason)
    {
        using Account account = new();
        using KeepAliveTest test = KeepAliveTest.Start(account, OneProbe, null);
        account.Probes = (byte)probes;
        Assert.Null(test.Poll());
        Assert.Equal(probes, test.ProbesUnanswered);
        account.Probes = 0;
        TcpKeepAliveTestResult result = test.Poll()!;
        Assert.True(result.Alive);
        Assert.True(result.PathCarriesKeepAlive);
        Assert.Equal(probes, result.ProbesSent);
        Assert.Equal(unanswered, result.ProbesUnanswered);
        Assert.Equal(reason, result.Reason);
        Assert.StartsWith("alive after ", result.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Data_that_gets_through_where_probes_do_not_shows_a_path_that_drops_them()
    {
        using Account account = new();
        using KeepAliveTest test = KeepAliveTest.Start(account, OneProbe, null);
        account.Probes = 3;
        Assert.Null(test.Poll());
        account.Probes = 0;
        account.DataSegmentsReceived++;
        TcpKeepAliveTestResult result = test.Poll()!;
        Assert.True(result.Alive);
        Assert.False(result.PathCarriesKeepAlive);
        Assert.Contains("drops keep-alive probes", result.Reason, StringComparison.Ordinal);
        Assert.Equal(3, result.ProbesUnanswered);
    }

    [Fact]
    public void One_probe_under_way_while_data_comes_shows_nothing()
    {
        using Account account = new();
        using KeepAliveTest test = KeepAliveTest.Start(account, OneProbe, null);
        account.Probes = 1;
        Assert.Null(test.Poll());
        account.Probes = 0;
        account.DataSegmentsReceived++;
        Assert.Null(test.Poll());
    }

    [Fact]
    public void A_reset_shows_a_peer_that_forgot_the_connection()
    {
        using Account account = new();
        using KeepAliveTest test = KeepAliveTest.Start(account, OneProbe, null);
        Assert.Null(test.Poll());
        account.State = NetlinkAbi.StateClose;
        account.SegmentsSent++;
        account.SegmentsReceived++;
        TcpKeepAliveTestResult result = test.Poll()!;
        Assert.False(result.Alive);
        Assert.True(result.PathCarriesKeepAlive);
        Assert.Equal(1, result.ProbesSent);
        Assert.Contains("ECONNRESET", result.Reason, StringComparison.Ordinal);
        Assert.StartsWith("not alive after ", result.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_connection_that_ends_for_another_reason_shows_nothing_of_the_peer()
    {
        using Account account = new();
        using KeepAliveTest test = KeepAliveTest.Start(account, OneProbe, null);
        account.State = NetlinkAbi.StateClose;
        TcpKeepAliveTestResult result = test.Poll()!;
        Assert.Null(result.Alive);
        Assert.Null(result.PathCarriesKeepAlive);
        Assert.Contains("state Closed", result.Reason, StringComparison.Ordinal);
        Assert.Equal("ENOTCONN", Assert.IsType<NativeSocketException>(result.Undecided).Errno);
        Assert.StartsWith("undecided after ", result.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Before_the_first_probe_the_time_shows_nothing()
    {
        using Account account = new();
        using KeepAliveTest test = KeepAliveTest.Start(account, OneProbe, TimeSpan.Zero);
        TcpKeepAliveTestResult result = test.Poll()!;
        Assert.Null(result.Alive);
        Assert.IsType<TimeoutException>(result.Undecided);
        Assert.Contains("No probe was sent within", result.Reason, StringComparison.Ordinal);
        Assert.Contains("the idle time is 1 s", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_probe_whose_answer_had_no_time_shows_nothing()
    {
        using Account account = new();
        using KeepAliveTest test = KeepAliveTest.Start(account, OneProbe, TimeSpan.Zero);
        account.Probes = 1;
        TcpKeepAliveTestResult result = test.Poll()!;
        Assert.Null(result.Alive);
        Assert.IsType<TimeoutException>(result.Undecided);
        Assert.Equal(1, result.ProbesUnanswered);
        Assert.Contains("No probe was answered within", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_peer_that_acknowledges_data_is_alive_when_the_time_is_up()
    {
        using Account account = new();
        using KeepAliveTest busy = KeepAliveTest.Start(account, OneProbe, TimeSpan.FromMilliseconds(200));
        Wait(busy, TimeSpan.FromMilliseconds(200));
        account.LastAckReceived = 0;
        account.DataSegmentsSent++;
        TcpKeepAliveTestResult result = busy.Poll()!;
        Assert.True(result.Alive);
        Assert.Null(result.Undecided);
        Assert.Contains("not idle", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_test_that_is_held_off_takes_no_old_acknowledgement_for_a_new_one()
    {
        using Account account = new() { AcknowledgedAt = Stopwatch.GetTimestamp() };
        using KeepAliveTest test = KeepAliveTest.Start(account, OneProbe, TimeSpan.Zero);
        account.HeldOff = TimeSpan.FromMilliseconds(300);
        TcpKeepAliveTestResult result = test.Poll()!;
        Assert.Null(result.Alive);
        Assert.IsType<TimeoutException>(result.Undecided);
    }

    [Fact]
    public void Data_in_flight_is_the_reason_when_the_time_is_up_not_the_idle_time()
    {
        using Account account = new();
        using KeepAliveTest test = KeepAliveTest.Start(account, OneProbe, TimeSpan.Zero);
        account.Unacknowledged = 1;
        TcpKeepAliveTestResult result = test.Poll()!;
        Assert.Null(result.Alive);
        Assert.True(result.DataWaits);
        Assert.Contains("Sent data is not acknowledged", result.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("No probe was sent", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void An_answered_zero_window_probe_is_not_taken_for_a_keep_alive_probe()
    {
        using Account account = new();
        account.NotSent = 1000;
        using KeepAliveTest test = KeepAliveTest.Start(account, OneProbe, null);
        account.Probes = 1;
        account.SegmentsSent++;
        Assert.Null(test.Poll());
        account.Probes = 0;
        TcpKeepAliveTestResult result = test.Poll()!;
        Assert.True(result.Alive);
        Assert.Null(result.PathCarriesKeepAlive);
        Assert.Equal(0, result.ProbesSent);
        Assert.Contains("zero-window probe", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Zero_window_probes_that_nobody_has_answered_yet_show_nothing()
    {
        using Account account = new();
        account.NotSent = 1000;
        using KeepAliveTest test = KeepAliveTest.Start(account, OneProbe, null);
        account.Probes = 2;
        Assert.Null(test.Poll());
    }

    [Fact]
    public void Zero_window_probes_that_nobody_answers_are_told_as_that()
    {
        using Account account = new();
        account.NotSent = 1000;
        using KeepAliveTest test = KeepAliveTest.Start(account, OneProbe, TimeSpan.Zero);
        account.Probes = 2;
        TcpKeepAliveTestResult result = test.Poll()!;
        Assert.Null(result.Alive);
        Assert.Equal(0, result.ProbesSent);
        Assert.Contains("receive window is closed", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Data_that_the_kernel_gives_up_is_told_as_that()
    {
        using Account account = new();
        account.Unacknowledged = 1;
        account.Retransmits = 3;
        using KeepAliveTest test = KeepAliveTest.Start(account, OneProbe, null);
        Assert.Null(test.Poll());
        account.State = NetlinkAbi.StateClose;
        TcpKeepAliveTestResult result = test.Poll()!;
        Assert.False(result.Alive);
        Assert.Contains("data was not acknowledged", result.Reason, StringComparison.Ordinal);
        Assert.Contains("ETIMEDOUT", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_that_takes_a_new_connection_but_answers_no_probe_has_a_path_that_drops_them()
    {
        using Account account = new();
        using KeepAliveTest test = KeepAliveTest.Start(
            account, OneProbe with { Interval = TimeSpan.FromSeconds(8) }, null);
        Assert.Equal(TimeSpan.FromSeconds(9), test.Expected);
        Wait(test, TimeSpan.FromSeconds(5.2));
        account.Probes = 1;
        Assert.Null(test.Poll());

        // The second connection comes, and is closed at once.
        Assert.True(account.Listener.Poll(Limit, SelectMode.SelectRead));
        using (Socket second = account.Listener.Accept())
        {
            second.ReceiveTimeout = (int)Limit.TotalMilliseconds;
            Assert.Equal(0, second.Receive(new byte[1]));
        }

        Wait(test, test.Elapsed + TimeSpan.FromSeconds(6.6));
        account.State = NetlinkAbi.StateClose;
        TcpKeepAliveTestResult result = test.Poll()!;
        Assert.False(result.Alive);
        Assert.False(result.PathCarriesKeepAlive);
        Assert.Contains("still accepts new ones", result.Reason, StringComparison.Ordinal);
        Assert.Contains(account.Listener.LocalEndPoint!.ToString()!, result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_user_timeout_decides_when_the_kernel_gives_up()
    {
        using Account account = new();
        new TcpKeepAlive { UserTimeout = TimeSpan.FromSeconds(60) }.Apply(account.Client);
        using KeepAliveTest test = KeepAliveTest.Start(
            account, OneProbe with { IdleTime = TimeSpan.FromSeconds(10), Interval = TimeSpan.FromSeconds(10) }, null);
        // 60 s less the idle time and what passed since the connection was made, in whole intervals.
        Assert.InRange(test.Expected, TimeSpan.FromSeconds(50), TimeSpan.FromSeconds(60));
        test.Dispose();
        Assert.Equal(TimeSpan.FromSeconds(60), TcpKeepAlive.Read(account.Client).UserTimeout);
    }

    [Fact]
    public void A_peer_that_is_cut_off_is_given_up_by_the_kernel_at_the_time_predicted() => NetworkNamespace.Run(() =>
    {
        using Connection connection = new();
        NetworkNamespace.Ip("link set lo down");
        using KeepAliveTest test = KeepAliveTest.Start(
            WatchedSocket.Of(connection.Client, new SocketTables()),
            OneProbe with { Interval = TimeSpan.FromSeconds(5) }, null);
        TcpKeepAliveTestResult? result = null;
        while ((result = test.Poll()) is null && test.Elapsed < Limit)
        {
            Thread.Sleep(20);
        }

        Assert.False(result!.Alive);
        Assert.Null(result.PathCarriesKeepAlive);
        Assert.Equal(1, result.ProbesUnanswered);
        Assert.Contains("ETIMEDOUT", result.Reason, StringComparison.Ordinal);
        Assert.InRange(result.Elapsed, TimeSpan.FromSeconds(5.5), Limit);
    });

    [Fact]
    public void A_second_connection_is_not_made_to_ones_own_clients()
    {
        using TcpPair pair = new();
        IPEndPoint server = new(pair.Server.LocalAddress!, pair.Server.LocalPort!.Value);
        IPEndPoint client = new(pair.Client.LocalAddress!, pair.Client.LocalPort!.Value);
        Assert.Null(SecondConnection.Start(server, client));
        Assert.Null(SecondConnection.Start(null, client));
        Assert.Null(SecondConnection.Start(client, null));
    }

    [Fact]
    public void A_second_connection_is_made_in_the_network_namespace_of_the_first()
    {
        TaskCompletionSource<(string Path, IPEndPoint Remote)> there = new();
        // On a thread that is elsewhere, as the pipeline's is.
        Task<bool> elsewhere = Task.Factory.StartNew(
            () =>
            {
                if (!there.Task.Wait(Limit))
                {
                    return false;
                }

                NetNamespace network = NetNamespace.Find(there.Task.Result.Path, out _)[0]!;
                IPEndPoint local = new(IPAddress.Loopback, 1);
                using SecondConnection second = SecondConnection.Start(local, there.Task.Result.Remote, network)!;
                return SpinWait.SpinUntil(() => second.Succeeded, Limit);
            },
            TaskCreationOptions.LongRunning);
        NetworkNamespace.Run(() =>
        {
            using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            listener.Listen();
            string thread = Path.GetFileName(File.ResolveLinkTarget("/proc/thread-self", false)!.FullName);
            there.SetResult(($"/proc/self/task/{thread}/ns/net", (IPEndPoint)listener.LocalEndPoint!));
            Assert.True(elsewhere.Result);
        });
    }

    [Fact]
    public void A_second_connection_that_is_refused_shows_no_living_path_and_one_of_mapped_addresses_does()
    {
        using Connection connection = new();
        IPEndPoint local = (IPEndPoint)connection.Client.LocalEndPoint!;
        // Its listener is gone.
        using SecondConnection refused = SecondConnection.Start(local, (IPEndPoint)connection.Client.RemoteEndPoint!)!;
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        int port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        Assert.SkipUnless(Socket.OSSupportsIPv6, "no IPv6");
        using SecondConnection mapped = SecondConnection.Start(
            new IPEndPoint(local.Address.MapToIPv6(), local.Port), new IPEndPoint(IPAddress.Loopback.MapToIPv6(), port))!;
        Assert.True(SpinWait.SpinUntil(() => mapped.Succeeded, Limit));
        Assert.False(refused.Succeeded);
    }

    [Fact]
    public void A_listed_connection_that_its_owner_closes_ends_the_test()
    {
        Connection connection = new();
        using SocketTables tables = new();
        int port = ((IPEndPoint)connection.Client.LocalEndPoint!).Port;
        int peer = ((IPEndPoint)connection.Client.RemoteEndPoint!).Port;
        TcpConnection row = Listing
            .Tcp(new TcpConnectionFilter { LocalPort = Ports.Of(port), RemotePort = Ports.Of(peer) })
            .Single();
        WatchedSocket watched = WatchedSocket.Of(row, tables);
        Assert.Equal($"127.0.0.1:{port} -> 127.0.0.1:{peer}", watched.Description);
        Assert.Equal(connection.Client.LocalEndPoint, watched.Local);
        Assert.Equal(connection.Client.RemoteEndPoint, watched.Remote);
        Assert.Equal(row.Cookie, watched.Cookie);
        Assert.Same(row, watched.Holder);
        using KeepAliveTest test = KeepAliveTest.Start(
            watched, OneProbe with { IdleTime = TimeSpan.FromHours(1) }, null);
        Assert.Null(test.Poll());

        // With a reset, so that nothing of it is left in the table.
        connection.Client.LingerState = new LingerOption(true, 0);
        connection.Dispose();

        // A process that is just being started may still hold a copy of it.
        TcpKeepAliveTestResult? result = null;
        Eventually.Is(() => (result = test.Poll()) is not null, "the end to be seen");
        Assert.Null(result!.Alive);
        Assert.Contains("owner closed", result.Reason, StringComparison.Ordinal);
    }

    private static void Wait(KeepAliveTest test, TimeSpan until)
    {
        while (test.Elapsed < until)
        {
            Thread.Sleep(10);
        }
    }

    /// <summary>A real connection whose account is written by the test. At first no acknowledgement is new.</summary>
    private sealed class Account : WatchedSocket, IDisposable
    {
        private readonly Socket _client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        private readonly Socket _server;
        private readonly byte[] _bytes;

        internal Account()
        {
            Listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            Listener.Listen();
            _client.Connect(Listener.LocalEndPoint!);
            _server = Listener.Accept();
            _bytes = TcpInfo.Read(_client).Bytes.ToArray();
            LastAckReceived = 60_000;
        }

        internal Socket Listener { get; } = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

        internal Socket Client => _client;

        internal ref byte State => ref _bytes[TcpInfoLayout.State];

        internal ref byte Probes => ref _bytes[TcpInfoLayout.Probes];

        internal ref byte Retransmits => ref _bytes[TcpInfoLayout.Retransmits];

        internal ref uint Unacknowledged => ref Field(TcpInfoLayout.Unacknowledged);

        internal ref uint NotSent => ref Field(TcpInfoLayout.NotSent);

        internal ref uint LastAckReceived => ref Field(TcpInfoLayout.LastAckReceived);

        internal ref uint SegmentsSent => ref Field(TcpInfoLayout.SegmentsSent);

        internal ref uint SegmentsReceived => ref Field(TcpInfoLayout.SegmentsReceived);

        internal ref uint DataSegmentsSent => ref Field(TcpInfoLayout.DataSegmentsSent);

        internal ref uint DataSegmentsReceived => ref Field(TcpInfoLayout.DataSegmentsReceived);

        /// <summary>When the peer acknowledged last, by the clock; null where the account says how long ago.</summary>
        internal long? AcknowledgedAt { get; init; }

        /// <summary>How long the thread that has asked is kept from going on.</summary>
        internal TimeSpan HeldOff { get; set; }

        internal override object Holder => _client;

        internal override ulong? Cookie => null;

        internal override string Description => "the account";

        internal override IPEndPoint? Local => (IPEndPoint)_client.LocalEndPoint!;

        internal override IPEndPoint? Remote => (IPEndPoint)_client.RemoteEndPoint!;

        internal override SocketReference Open() => SocketHolder.Open(_client);

        internal override TcpInfo? ReadInfo()
        {
            if (AcknowledgedAt is { } at)
            {
                LastAckReceived = (uint)Stopwatch.GetElapsedTime(at).TotalMilliseconds;
            }

            TcpInfo info = new(_bytes.ToArray());
            Thread.Sleep(HeldOff);
            return info;
        }

        internal override string DescribeEnd() => "It ended.";

        public void Dispose()
        {
            _client.Dispose();
            _server.Dispose();
            Listener.Dispose();
        }

        private ref uint Field(int offset) => ref MemoryMarshal.AsRef<uint>(_bytes.AsSpan(offset));
    }
}
