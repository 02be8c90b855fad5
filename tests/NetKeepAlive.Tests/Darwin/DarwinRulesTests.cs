using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Darwin;
using NetKeepAlive.Options;
using NetKeepAlive.Probing;
using NetKeepAlive.Sockets;
using NetKeepAlive.Tables;
using Xunit;

namespace NetKeepAlive.Tests.Darwin;

/// <summary>What macOS's kernel does otherwise than Linux's, on a Mac or on its simulator. The rules and their sources
/// stand in tests/simulator/darwin.c.</summary>
public sealed class DarwinRulesTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Briefly = TimeSpan.FromMilliseconds(200);

    public DarwinRulesTests() => Need.Darwin();

    // W1: MSG_TRUNC is told, never read, and a receive of no bytes returns at once.
    [Fact]
    public void A_receive_waits_for_a_message()
    {
        (UnixDatagramSocket one, UnixDatagramSocket other) = Datagrams();
        using (one)
        using (other)
        {
            Assert.Throws<TimeoutException>(() => one.Receive(Briefly));
            other.Send("later"u8);
            Assert.Equal("later", one.Receive(Soon)!.Text);
        }
    }

    [Fact]
    public void A_message_is_received_whole_and_an_empty_one_is_a_message()
    {
        (UnixDatagramSocket one, UnixDatagramSocket other) = Datagrams();
        using (one)
        using (other)
        {
            byte[] long1 = new byte[1500];
            Random.Shared.NextBytes(long1);
            other.Send(long1);
            other.Send([]);
            other.Send("x"u8);
            Assert.Equal(long1, one.Receive(Soon)!.Data);
            Assert.Equal(0, one.Receive(Soon)!.Length);
            Assert.Equal("x", one.Receive(Soon)!.Text);
        }
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1)]
    [InlineData(0)]
    public void A_cut_message_says_so_whatever_it_is_received_by(int room)
    {
        (UnixDatagramSocket one, UnixDatagramSocket other) = Datagrams();
        using (one)
        using (other)
        {
            byte[] buffer = new byte[room];
            other.Send(new byte[150]);
            other.Send(new byte[151]);
            other.Send("a"u8);
            Assert.True(one.Receive(buffer, out int length, Soon));
            Assert.Equal(150, length);
            using MessageBatch batch = new(4, room);
            Assert.True(one.Receive(batch, Soon));
            Assert.Equal(151, batch.FullLength(0));
            Assert.Equal(1, batch.FullLength(1));
            Assert.Throws<TimeoutException>(() => one.Receive(buffer, out _, Briefly));
        }
    }

    [Fact]
    public void An_object_is_cut_where_it_is_to_be_and_knows_its_length()
    {
        (UnixDatagramSocket one, UnixDatagramSocket other) = Datagrams();
        using (one)
        using (other)
        {
            other.Send(new byte[150]);
            Assert.Equal(ReceiveStatus.Message, one.TryReceive(new ReceiveRequest { MaximumLength = 10 }, out SocketMessage? message));
            Assert.Equal((10, 150, true), (message!.Length, message.FullLength, message.Truncated));
        }
    }

    // W2: SO_ACCEPTCONN cannot be read.
    [Fact]
    public void What_a_descriptor_is_can_be_told()
    {
        using TcpPair tcp = new();
        using TempFolder folder = new();
        using SocketListener unix = UnixSockets.Listen(SocketType.Stream, folder.Address("s"));
        using Socket udp = new(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
        (NetSocket one, NetSocket other) = UnixSockets.CreatePair(SocketType.Dgram);
        Assert.Equal(new SocketKind(AddressFamily.InterNetwork, SocketType.Stream, true), SocketKind.Of(tcp.Listener.Handle));
        Assert.Equal(new SocketKind(AddressFamily.InterNetwork, SocketType.Stream, false), SocketKind.Of(tcp.Client.Handle));
        Assert.Equal(new SocketKind(AddressFamily.Unix, SocketType.Stream, true), SocketKind.Of(unix.Handle));
        Assert.Equal(new SocketKind(AddressFamily.Unix, SocketType.Dgram, false), SocketKind.Of(one.Handle));
        Assert.Equal(new SocketKind(AddressFamily.InterNetworkV6, SocketType.Dgram, false), SocketKind.Of(udp.SafeHandle));
        one.Dispose();
        other.Dispose();
    }

    [Fact]
    public void What_is_no_socket_is_told_apart()
    {
        using FileStream file = File.OpenRead("/dev/null");
        using SafeSocketHandle handle = new(file.SafeFileHandle.DangerousGetHandle(), ownsHandle: false);
        NativeSocketException error = Assert.Throws<NativeSocketException>(() => SocketKind.Of(handle));
        Assert.Equal("ENOTSOCK", error.Errno);
    }

    // W3: MSG_DONTWAIT is not looked at when sending.
    [Theory]
    [InlineData("pair")]
    [InlineData("connected")]
    [InlineData("accepted")]
    [InlineData("accepted by .NET")]
    [InlineData("of .NET")]
    [InlineData("tcp")]
    public async Task A_send_to_a_peer_that_does_not_read_times_out(string kind)
    {
        using TempFolder folder = new();
        (NetSocket sender, IDisposable[] others) = await Connected(kind, folder);
        try
        {
            Assert.ThrowsAny<TimeoutException>(() => sender.Send(new byte[32 << 20], Briefly));
        }
        finally
        {
            sender.Dispose();
            Array.ForEach(others, static it => it.Dispose());
        }
    }

    // W4: a full datagram queue is ENOBUFS.
    [Fact]
    public async Task A_sender_to_a_full_queue_of_datagrams_waits_for_room()
    {
        (UnixDatagramSocket one, UnixDatagramSocket other) = Datagrams();
        using (one)
        using (other)
        {
            byte[] message = new byte[1000];
            int sent = 0;
            TimeoutException? full = null;
            while (full is null && sent < 5000)
            {
                full = (TimeoutException?)Record.Exception(() => other.Send(message, TimeSpan.FromMilliseconds(100)));
                sent += full is null ? 1 : 0;
            }

            Assert.NotNull(full);
            Task waiting = Task.Run(() => other.Send("waited"u8, Soon));
            for (int i = 0; i < sent; i++)
            {
                Assert.Equal(1000, one.Receive(Soon)!.Length);
            }

            Assert.Equal("waited", one.Receive(Soon)!.Text);
            await waiting.WaitAsync(Soon);
        }
    }

    // W5: 2,048 bytes can be sent and 4,096 be queued, unless the buffers are enlarged.
    [Theory]
    [InlineData(2049)]
    [InlineData(65_536)]
    [InlineData(200_000)]
    public void Long_datagrams_arrive(int length)
    {
        using TempFolder folder = new();
        using UnixDatagramSocket server = UnixSockets.CreateDatagram(folder.Address("server"));
        using UnixDatagramSocket client = UnixSockets.CreateDatagram(null);
        client.SendTo(new byte[length], folder.Address("server"), Soon);
        Assert.Equal(length, server.Receive(Soon)!.Length);
        (UnixDatagramSocket one, UnixDatagramSocket other) = Datagrams();
        using (one)
        using (other)
        {
            other.Send(new byte[length], Soon);
            Assert.Equal(length, one.Receive(Soon)!.Length);
        }
    }

    // W6: an accepted connection is non-blocking where its listener is, which .NET does not know.
    [Fact]
    public async Task The_NET_socket_and_the_stream_of_an_accepted_connection_wait()
    {
        using TcpPair pair = new();
        Task<int> receiving = Task.Run(() => pair.Server.Socket.Receive(new byte[10]));
        await Task.Delay(100);
        pair.Client.Send("one"u8, Soon);
        Assert.Equal(3, await receiving.WaitAsync(Soon));
        using Stream stream = pair.Server.GetStream();
        receiving = Task.Run(() => stream.Read(new byte[10]));
        await Task.Delay(100);
        pair.Client.Send("more"u8, Soon);
        Assert.Equal(4, await receiving.WaitAsync(Soon));
    }

    // W7: the options of a connection that is over cannot be set.
    [Fact]
    public void A_client_that_resets_before_it_is_accepted_takes_no_place()
    {
        TcpListenerOptions options = new()
        {
            MaxConnection = 1,
            Accepted = new AcceptedSocketSettings
            {
                NoDelay = true,
                KeepAlive = new TcpKeepAlive { Enabled = true, IdleTime = TimeSpan.FromSeconds(60) },
            },
        };
        using SocketListener listener = TcpListeners.Listen(IPAddress.Loopback, 0, options);
        int left;
        using (Socket gone = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            gone.Connect(IPAddress.Loopback, listener.LocalPort!.Value);
            gone.LingerState = new LingerOption(true, 0);
            left = ((IPEndPoint)gone.LocalEndPoint!).Port;
        }

        // A process that is just being started may hold a copy of it for a while.
        int server = listener.LocalPort!.Value;
        Eventually.Is(
            () => !IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections().Any(it =>
                (it.LocalEndPoint.Port == server && it.RemoteEndPoint.Port == left)
                || (it.LocalEndPoint.Port == left && it.RemoteEndPoint.Port == server)),
            "the reset to arrive");
        using Socket stays = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        stays.Connect(IPAddress.Loopback, listener.LocalPort!.Value);
        using NetSocket accepted = listener.Accept(Soon);
        Assert.Equal(((IPEndPoint)stays.LocalEndPoint!).Port, accepted.RemotePort);
        Assert.Equal(1, listener.ConnectionCount);
    }

    // W8: the same of a client whose server closes at once.
    [Fact]
    public async Task A_server_that_closes_at_once_does_not_fail_the_connect()
    {
        using TempFolder folder = new();
        using Socket server = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        server.Bind(new UnixDomainSocketEndPoint(folder["s"]));
        server.Listen(100);
        using CancellationTokenSource stop = new();
        Task closing = Task.Run(async () =>
        {
            while (true)
            {
                (await server.AcceptAsync(stop.Token)).Close();
            }
        });
        for (int i = 0; i < 200; i++)
        {
            UnixSockets.Connect(SocketType.Stream, folder.Address("s"), timeout: Soon).Dispose();
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => closing.WaitAsync(Soon));
    }

    // W9: names are told at their full length, up to 255 bytes.
    [Fact]
    public unsafe void A_peer_with_a_name_longer_than_sun_path_is_served()
    {
        using TempFolder folder = new();
        string long1 = folder[new string('x', 80)];
        Directory.CreateDirectory(long1);
        string path = Path.Combine(long1, new string('y', 80));
        byte[] address = new byte[2 + Encoding.UTF8.GetByteCount(path) + 1];
        address[0] = (byte)address.Length;
        address[1] = (byte)Abi.Current.AfUnix;
        Encoding.UTF8.GetBytes(path, address.AsSpan(2));
        using SocketListener listener = UnixSockets.Listen(SocketType.Stream, folder.Address("s"));
        using SafeSocketHandle client = Libc.Socket(Abi.Current.AfUnix, Abi.Current.SockStream);
        fixed (byte* bytes = address)
        {
            Assert.Equal(0, DarwinSimulator.Bind(client, bytes, (uint)address.Length));
        }

        Assert.Null(Libc.Connect(client, folder.Address("s").SockAddr));
        using NetSocket accepted = listener.Accept(Soon);
        Assert.Equal(path, accepted.RemotePath);
        using NetSocket again = NetSocket.FromHandle(RuntimeShim.Duplicate(accepted.Handle));
        Assert.Equal(path, again.RemotePath);
    }

    // W10: a full queue is ECONNREFUSED at once.
    [Fact]
    public async Task A_connect_waits_while_the_queue_is_full_and_says_what_may_be()
    {
        using TempFolder folder = new();
        using SocketListener listener = UnixSockets.Listen(SocketType.Stream, folder.Address("s"), backlog: 1);
        List<NetSocket> waiting = [];
        NativeSocketException? refused = null;
        while (refused is null && waiting.Count < 300)
        {
            refused = (NativeSocketException?)Record.Exception(
                () => waiting.Add(UnixSockets.Connect(SocketType.Stream, folder.Address("s"))));
        }

        Assert.Equal("ECONNREFUSED", refused!.Errno);
        Assert.Contains("queue is full", refused.Message, StringComparison.Ordinal);
        Assert.Throws<TimeoutException>(
            () => UnixSockets.Connect(SocketType.Stream, folder.Address("s"), timeout: Briefly));
        Task<NetSocket> connecting = Task.Run(
            () => UnixSockets.Connect(SocketType.Stream, folder.Address("s"), timeout: Soon));
        await Task.Delay(50);
        (await Task.Run(() => listener.Accept(Soon))).Dispose();
        (await connecting.WaitAsync(Soon)).Dispose();
        waiting.ForEach(static it => it.Dispose());
    }

    [Fact]
    public void Nobody_listening_is_told_at_once_also_with_a_timeout()
    {
        using TempFolder folder = new();
        using (Socket dead = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(folder["here"]));
            File.Move(folder["here"], folder["s"]);
        }

        NativeSocketException error = Assert.Throws<NativeSocketException>(
            () => UnixSockets.Connect(SocketType.Stream, folder.Address("s"), timeout: TimeSpan.FromMinutes(5)));
        Assert.Equal("ECONNREFUSED", error.Errno);
        Assert.DoesNotContain("queue", error.Message, StringComparison.Ordinal);
    }

    // W11: the options of a Unix socket are blind to their level.
    [Fact]
    public void A_Unix_socket_has_no_options_of_TCP_and_IP()
    {
        (NetSocket one, NetSocket other) = UnixSockets.CreatePair(SocketType.Stream);
        using (one)
        using (other)
        {
            foreach (SocketOption option in SocketOptions.All)
            {
                if (option.Level is not SocketOptionLevel.Socket && option.Number is not null)
                {
                    Assert.Throws<NativeSocketException>(() => option.GetValue(one.Handle));
                }
            }

            Assert.Contains(
                "not a TCP socket",
                Assert.Throws<NativeSocketException>(() => TcpKeepAlive.Read(one.Handle)).Message,
                StringComparison.Ordinal);
        }

        using Socket udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        Assert.Contains(
            "not a TCP socket",
            Assert.Throws<NativeSocketException>(() => TcpKeepAlive.Read(udp)).Message,
            StringComparison.Ordinal);
    }

    // W12: bind(2) with SO_REUSEADDR asks for the very address alone, and would listen beside another's wildcard.
    [Theory]
    [InlineData("0.0.0.0", "::")]
    [InlineData("0.0.0.0", "127.0.0.1")]
    [InlineData("::", "0.0.0.0")]
    [InlineData("::", "127.0.0.1")]
    [InlineData("::", "::1")]
    public void A_port_that_is_taken_on_all_addresses_is_taken(string taken, string wanted)
    {
        IPAddress address = IPAddress.Parse(wanted);
        using SocketListener other = TcpListeners.Listen(IPAddress.Parse(taken), 0);
        int port = other.LocalPort!.Value;
        NativeSocketException[] refusals =
        [
            Assert.Throws<NativeSocketException>(() => TcpListeners.Listen(address, port)),
            Assert.Throws<NativeSocketException>(() => TcpListeners.ListenReuseport(address, port)),
        ];
        Assert.All(refusals, refused => Assert.Equal("EADDRINUSE", refused.Errno));
        Assert.All(refusals, refused => Assert.Contains(wanted, refused.Message, StringComparison.Ordinal));
        other.Dispose();
        Eventually.OnceFree(() => TcpListeners.Listen(address, port)).Dispose();
    }

    [Fact]
    public void A_port_that_is_taken_for_IPv4_alone_is_free_for_IPv6_alone_and_shared_by_who_shares()
    {
        using SocketListener four = TcpListeners.Listen(IPAddress.Any, 0);
        using SocketListener six = TcpListeners.Listen(
            IPAddress.IPv6Any, four.LocalPort!.Value, new TcpListenerOptions { IPv6Only = true });
        using SocketListener sharing = TcpListeners.ListenReuseport(IPAddress.IPv6Any, 0)[0];
        foreach (IPAddress address in new[] { IPAddress.IPv6Any, IPAddress.IPv6Loopback, IPAddress.Loopback })
        {
            TcpListeners.ListenReuseport(address, sharing.LocalPort!.Value)[0].Dispose();
        }
    }

    // W13: a linger time is a short in hundredths of a second, the time to drop a connection 32 bits of milliseconds.
    [Fact]
    public void Times_that_would_wrap_are_refused()
    {
        using TcpPair pair = new();
        SocketOptions.Linger.Set(pair.Client.Handle, TimeSpan.FromSeconds(327));
        Assert.Equal(TimeSpan.FromSeconds(327), SocketOptions.Linger.Get(pair.Client.Handle));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => SocketOptions.Linger.Set(pair.Client.Handle, TimeSpan.FromSeconds(328)));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => SocketOptions.UserTimeout.Set(pair.Client.Handle, TimeSpan.FromSeconds(4_294_968)));
        SocketOptions.Linger.Set(pair.Client.Handle, null);
    }

    // W14: descriptors to a full stream are EMSGSIZE.
    [Fact]
    public void Descriptors_wait_for_room_on_a_full_stream()
    {
        (NetSocket one, NetSocket other) = UnixSockets.CreatePair(SocketType.Stream);
        using (one)
        using (other)
        {
            Assert.ThrowsAny<TimeoutException>(() => one.Send(new byte[32 << 20], Briefly));
            using FileStream file = File.OpenRead("/dev/null");
            Assert.ThrowsAny<TimeoutException>(
                () => one.SendHandles([file.SafeFileHandle], "x"u8, timeout: Briefly));
        }
    }

    // Without room for control messages nothing is said of them, so a look must bring some.
    [Fact]
    public void Descriptors_on_a_stream_are_found_among_its_bytes()
    {
        (NetSocket one, NetSocket other) = UnixSockets.CreatePair(SocketType.Stream);
        using (one)
        using (other)
        {
            using FileStream file = File.OpenRead("/dev/null");
            one.Send("before"u8);
            one.SendHandles([file.SafeFileHandle], "with"u8);
            List<object> handles = [];
            StringBuilder text = new();
            while (text.Length < 10)
            {
                SocketMessage message = other.Receive(Soon)!;
                text.Append(message.Text);
                handles.AddRange(message.Handles);
            }

            Assert.Equal("beforewith", text.ToString());
            Assert.IsType<Microsoft.Win32.SafeHandles.SafeFileHandle>(Assert.Single(handles));
        }
    }

    // W15: under a flow divert of a VPN.
    [Fact]
    public void A_send_that_the_kernel_calls_EPROTOTYPE_is_repeated()
    {
        Need.Simulator();
        using TcpPair pair = new();
        DarwinSimulator.FailNext("send", Errno.EPROTOTYPE);
        pair.Client.Send("sent"u8, Soon);
        Assert.Equal("sent", pair.Server.Receive(Soon)!.Text);
    }

    // W16: LOCAL_PEERPID is ENOTCONN once the peer has closed.
    [Fact]
    public void Who_a_peer_was_is_known_after_it_closed()
    {
        using TempFolder folder = new();
        using SocketListener listener = UnixSockets.Listen(SocketType.Stream, folder.Address("s"));
        NetSocket client = UnixSockets.Connect(SocketType.Stream, folder.Address("s"));
        using NetSocket server = listener.Accept(Soon);
        Assert.Equal(Environment.ProcessId, server.PeerCredential!.OwningProcess);
        uint user = server.PeerCredential.UserId;
        client.Dispose();

        // A process that is just being started may hold a copy of it for a while.
        Eventually.Is(() => server.PeerCredential!.OwningProcess == 0, "the end to be seen");
        Assert.Equal(new PeerCredential(0, user, server.PeerCredential!.GroupId), server.PeerCredential);
    }

    // W17: what a user can do about the errors of this kernel.
    [Fact]
    public void Errors_say_what_to_do()
    {
        using TempFolder folder = new();
        using UnixDatagramSocket alone = UnixSockets.CreateDatagram(null);
        Assert.Contains("no peer", Message(() => alone.Send("x"u8)), StringComparison.Ordinal);
        File.WriteAllText(folder["file"], "no socket");
        Assert.Contains(
            "not a socket",
            Message(() => alone.SendTo("x"u8, folder.Address("file"))),
            StringComparison.Ordinal);
        Assert.Contains(
            "not a socket",
            Message(() => UnixSockets.Connect(SocketType.Stream, folder.Address("file"))),
            StringComparison.Ordinal);
        Assert.Contains(
            "kern.ipc.maxsockbuf",
            Message(() => SocketOptions.SendBufferSize.Set(alone.Handle, 1 << 30)),
            StringComparison.Ordinal);
    }

    // W18: bind follows a link that leads nowhere.
    [Fact]
    public void A_link_that_leads_nowhere_is_not_bound()
    {
        using TempFolder folder = new();
        File.CreateSymbolicLink(folder["link"], folder["elsewhere"]);
        Assert.Throws<NativeSocketException>(() => UnixSockets.CreateDatagram(folder.Address("link")));
        Assert.Throws<NativeSocketException>(() => UnixSockets.Listen(SocketType.Stream, folder.Address("link")));
    }

    // W19
    [Fact]
    public void What_an_option_is_not_supported_by_is_ENOTSUP()
    {
        Need.Simulator();
        using TcpPair pair = new();
        Assert.Equal(
            "ENOTSUP",
            Assert.Throws<NativeSocketException>(() => SocketOptions.FastOpen.Get(pair.Client.Handle)).Errno);
    }

    [Fact]
    public void The_kernels_statistics_are_read()
    {
        using TcpPair pair = new();
        pair.Client.Send(new byte[1000]);
        Assert.Equal(1000, pair.Server.Receive(Soon)!.Length);
        using SocketTables tables = new();
        TcpInfo info = tables.ReadInfo(pair.Server.Handle, "a connection");
        Assert.Equal(TcpConnectionState.Established, info.State);
        Assert.Equal(1000, info.BytesReceived);
        Assert.InRange(info.SendMaximumSegmentBytes, 500, 66_000);
        Assert.InRange(info.RetransmitTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(2));
        Assert.Null(info.Probes);
        Assert.Null(info.LastAckReceived);
        Assert.Equal(TcpConnectionState.Listen, TcpInfo.Read(pair.Listener.Handle).State);
        using Socket udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        Assert.Throws<NativeSocketException>(() => TcpInfo.Read(udp));
    }

    [Fact]
    public async Task A_peer_that_answers_keep_alive_probes_is_alive()
    {
        using TcpPair pair = new();
        using SocketTables tables = new();
        TcpKeepAlive before = TcpKeepAlive.Read(pair.Client.Handle);
        TcpKeepAlive settings = new()
        {
            IdleTime = TimeSpan.FromSeconds(1),
            Interval = TimeSpan.FromSeconds(1),
            ProbeCount = 3,
        };
        using KeepAliveTest test = KeepAliveTest.Start(WatchedSocket.Of(pair.Client, tables), settings, Soon);
        TcpKeepAliveTestResult? result = null;
        while ((result = test.Poll()) is null)
        {
            await Task.Delay(20);
        }

        Assert.True(result.Alive, result.Reason);
        Assert.Equal(TimeSpan.FromSeconds(4), result.Expected);
        Assert.Equal(before, TcpKeepAlive.Read(pair.Client.Handle));
    }

    // W20: a direction that has ended is ENOTCONN to shutdown(2), and the other one stays as it is.
    [Fact]
    public void A_direction_that_has_ended_may_be_ended()
    {
        using TcpPair pair = new();
        pair.Client.Shutdown(SocketShutdown.Send);
        Assert.Null(pair.Server.Receive(Soon));
        pair.Server.Shutdown(SocketShutdown.Both);
        Assert.Null(pair.Client.Receive(Soon));
        (NetSocket one, NetSocket other) = UnixSockets.CreatePair(SocketType.Stream);
        using (one)
        {
            one.Shutdown(SocketShutdown.Send);
            one.Shutdown(SocketShutdown.Send);
            other.Dispose();
        }

        (one, other) = UnixSockets.CreatePair(SocketType.Stream);
        using (one)
        {
            other.Dispose();
            one.Shutdown(SocketShutdown.Both);
        }

        using NetSocket alone = UnixSockets.CreateDatagram(null);
        Assert.Equal("ENOTCONN", Assert.Throws<NativeSocketException>(() => alone.Shutdown(SocketShutdown.Both)).Errno);
    }

    [Fact]
    public async Task What_was_sent_before_sending_was_ended_arrives_though_the_socket_is_closed_unread()
    {
        using TcpPair pair = new();
        pair.Client.Send("nobody reads this"u8);
        Task<long> receiving = Task.Run(() =>
        {
            long length = 0;
            while (pair.Client.Receive(Soon) is { } chunk)
            {
                length += chunk.Length;
                Thread.Sleep(1);
            }

            return length;
        });
        byte[] much = new byte[4 << 20];
        pair.Server.Send(much, Soon);
        pair.Server.Shutdown(SocketShutdown.Send);
        pair.Server.Dispose();
        Assert.Equal(much.Length, await receiving.WaitAsync(Soon));
    }

    // W21: poll(2) looks at nothing that is not asked for, tells an error as an end, and forgets what waits for an end
    // once bytes have come.
    [Theory]
    [InlineData(0)]
    [InlineData(500)]
    public void The_end_is_told_to_who_does_not_read_whatever_came_before(int milliseconds)
    {
        using TcpPair pair = new();
        using ManualResetEventSlim ended = new();
        pair.Server.Ended += (_, _) => ended.Set();
        pair.Client.Send("before"u8);
        Thread.Sleep(milliseconds);
        Assert.False(ended.IsSet);
        pair.Client.Shutdown(SocketShutdown.Send);
        Assert.True(ended.Wait(Soon));
        Assert.Equal("before", pair.Server.Receive(Soon)!.Text);
    }

    [Fact]
    public void A_reset_is_no_end()
    {
        using TcpPair pair = new();
        List<string> told = [];
        using ManualResetEventSlim closed = new();
        pair.Server.Ended += (_, _) => told.Add("ended");
        pair.Server.ErrorOccurred += (_, args) => told.Add(((NativeSocketException)args.Exception).Errno);
        pair.Server.Closed += (_, _) => closed.Set();
        pair.Client.Reset();
        Assert.True(closed.Wait(Soon));
        Assert.Equal(["ECONNRESET"], told);
    }

    // For fixtures: the bytes as this kernel gives them go with the results of the run.
    [Fact]
    public void The_structures_of_this_kernel_are_kept()
    {
        using TcpPair pair = new();
        using HeldDescriptor client = new(pair.Client.Handle);
        byte[] info = new byte[TcpConnectionInfo.Size];
        Assert.Equal(info.Length, Libc.GetSockOpt(client, 6, TcpConnectionInfo.Option, info, "TCP_CONNECTION_INFO"));
        byte[] listener = new byte[SocketFdInfo.Size];
        byte[] connection = new byte[SocketFdInfo.Size];
        Libc.ProcPidFdInfo(pair.Listener.Handle, listener);
        Libc.ProcPidFdInfo(pair.Client.Handle, connection);
        Assert.True(SocketFdInfo.IsListening(listener));
        Assert.False(SocketFdInfo.IsListening(connection));
        TestContext.Current.AddAttachment("tcp_connection_info.bin", info);
        TestContext.Current.AddAttachment("socket_fdinfo.listener.bin", listener);
        TestContext.Current.AddAttachment("socket_fdinfo.connection.bin", connection);
    }

    // net.inet.tcp.keepidle and keepintvl are milliseconds.
    [Fact]
    public void The_systems_defaults_are_read_and_written()
    {
        TcpKeepAlive before = SystemKeepAlive.Read();
        Assert.False(before.Enabled);
        Assert.InRange(before.IdleTime!.Value, TimeSpan.FromSeconds(1), TcpKeepAlive.MaximumTime);
        Need.Simulator();
        TcpKeepAlive wanted = new() { IdleTime = TimeSpan.FromSeconds(90), ProbeCount = 5 };
        if (!Environment.IsPrivilegedProcess)
        {
            Assert.Throws<UnauthorizedAccessException>(() => SystemKeepAlive.Write(wanted));
            Assert.Equal(before, SystemKeepAlive.Read());
            return;
        }

        SystemKeepAlive.Write(wanted);
        Assert.Equal(
            before with { IdleTime = TimeSpan.FromSeconds(90), ProbeCount = 5 }, SystemKeepAlive.Read());
        SystemKeepAlive.Write(before with { Enabled = null });
        Assert.Equal(before, SystemKeepAlive.Read());
    }

    private static string Message(Action action) => Assert.Throws<NativeSocketException>(action).Message;

    private static (UnixDatagramSocket One, UnixDatagramSocket Other) Datagrams()
    {
        (NetSocket one, NetSocket other) = UnixSockets.CreatePair(SocketType.Dgram);
        return ((UnixDatagramSocket)one, (UnixDatagramSocket)other);
    }

    private static async Task<(NetSocket Sender, IDisposable[] Others)> Connected(string kind, TempFolder folder)
    {
        switch (kind)
        {
            case "pair":
                (NetSocket one, NetSocket other) = UnixSockets.CreatePair(SocketType.Stream);
                return (one, [other]);
            case "tcp":
                TcpPair tcp = new();
                return (tcp.Client, [tcp]);
            case "of .NET":
                (NetSocket first, NetSocket second) = UnixSockets.CreatePair(SocketType.Stream);
                Socket shared = new(RuntimeShim.Duplicate(first.Handle)) { Blocking = true };
                return (NetKeepAlive.Holders.SocketWrapper.ToSocket(shared), [shared, first, second]);
        }

        SocketListener listener = UnixSockets.Listen(SocketType.Stream, folder.Address("s"));
        Task<NetSocket>? accepting = kind == "accepted by .NET"
            ? listener.AcceptNextAsync(CancellationToken.None)
            : null;
        NetSocket client = UnixSockets.Connect(SocketType.Stream, folder.Address("s"));
        NetSocket server = accepting is null ? listener.Accept(Soon) : await accepting.WaitAsync(Soon);
        return kind == "connected" ? (client, [server, listener]) : (server, [client, listener]);
    }
}
