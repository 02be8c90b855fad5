using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Holders;
using NetKeepAlive.Interop;
using NetKeepAlive.Opening;
using NetKeepAlive.Options;
using Xunit;

namespace NetKeepAlive.Tests.Opening;

public sealed class TcpListenersTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public void Without_an_address_it_takes_both_families()
    {
        using SocketListener listener = TcpListeners.Listen(null, 0);
        Assert.Equal(SocketListenerKind.Tcp, listener.Kind);
        Assert.Equal(511, listener.Backlog);
        using StreamSocket four = Connect("127.0.0.1", listener);
        using NetSocket accepted = listener.Accept(Limit);
        Assert.Equal(four.LocalPort, accepted.RemotePort);
        Assert.SkipUnless(Socket.OSSupportsIPv6, "no IPv6");
        using StreamSocket six = Connect("::1", listener);
        using NetSocket acceptedSix = listener.Accept(Limit);
        Assert.Equal(six.LocalPort, acceptedSix.RemotePort);
    }

    [Fact]
    public void IPv6_only_takes_no_IPv4()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "no IPv6");
        (Socket held, SocketListener taken) = Eventually.OnceFree(() =>
        {
            // Nobody else is to listen at that port over IPv4.
            Socket four = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                four.Bind(new IPEndPoint(IPAddress.Loopback, 0));
                int port = ((IPEndPoint)four.LocalEndPoint!).Port;
                return (four, TcpListeners.Listen(null, port, new TcpListenerOptions { IPv6Only = true }));
            }
            catch
            {
                four.Dispose();
                throw;
            }
        });
        using Socket holder = held;
        using SocketListener listener = taken;
        Assert.Equal("ECONNREFUSED", Assert.Throws<NativeSocketException>(() => Connect("127.0.0.1", listener)).Errno);
        Connect("::1", listener).Dispose();
    }

    [Fact]
    public void A_port_of_its_own_is_shared_with_nobody()
    {
        using SocketListener listener = TcpListeners.Listen(IPAddress.Loopback, 0);
        Assert.True(SocketOptions.ReuseAddress.Get(listener.Handle));
        Assert.False(SocketOptions.ReusePort.Get(listener.Handle));
        int port = listener.LocalPort!.Value;
        NativeSocketException plain = Assert.Throws<NativeSocketException>(() => TcpListeners.Listen(IPAddress.Loopback, port));
        Assert.Equal("EADDRINUSE", plain.Errno);
        Assert.Contains($"127.0.0.1:{port}", plain.Message, StringComparison.Ordinal);
        Assert.Equal(
            "EADDRINUSE",
            Assert.Throws<NativeSocketException>(() => TcpListeners.ListenReuseport(IPAddress.Loopback, port)).Errno);
    }

    [Fact]
    public void A_restarted_server_gets_its_port_at_once()
    {
        for (int left = 2; ; left--)
        {
            SocketListener listener = TcpListeners.Listen(IPAddress.Loopback, 0);
            int port = listener.LocalPort!.Value;
            using StreamSocket client = Connect("127.0.0.1", listener);

            // Whoever closes first keeps the connection in TIME_WAIT.
            listener.Accept(Limit).Dispose();
            Assert.Null(client.Receive(Limit));
            client.Dispose();
            listener.Dispose();
            try
            {
                using SocketListener again = TcpListeners.Listen(IPAddress.Loopback, port);
                Assert.Equal(port, again.LocalPort);
                return;
            }
            catch (NativeSocketException taken) when (taken.Errno == "EADDRINUSE" && left > 0)
            {
                // A process that is just being started may hold a copy of the listener, or another one may have taken the port.
            }
        }
    }

    [Fact]
    public void A_group_shares_one_port_and_a_plain_listener_may_not_join()
    {
        IReadOnlyList<SocketListener> group = TcpListeners.ListenReuseport(IPAddress.Loopback, 0, 4);
        try
        {
            Assert.Equal(4, group.Count);
            Assert.Single(group.Select(it => it.LocalPort).Distinct());
            Assert.All(group, it => Assert.Equal(SocketListenerKind.Reuseport, it.Kind));
            Assert.Equal(
                "EADDRINUSE",
                Assert.Throws<NativeSocketException>(
                    () => TcpListeners.Listen(IPAddress.Loopback, group[0].LocalPort!.Value)).Errno);
            using SocketListener joined =
                TcpListeners.ListenReuseport(IPAddress.Loopback, group[0].LocalPort!.Value)[0];
        }
        finally
        {
            group.ToList().ForEach(it => it.Dispose());
        }
    }

    [Fact]
    public void What_is_set_on_the_listener_is_set_on_its_connections()
    {
        TcpListenerOptions options = new()
        {
            Accepted = new AcceptedSocketSettings
            {
                NoDelay = true,
                AllowHalfOpen = true,
                KeepAlive = new TcpKeepAlive
                {
                    Enabled = true,
                    IdleTime = TimeSpan.FromSeconds(31),
                    Interval = TimeSpan.FromSeconds(7),
                    ProbeCount = 4,
                    UserTimeout = TimeSpan.FromSeconds(50),
                },
            },
        };
        using SocketListener listener = TcpListeners.Listen(IPAddress.Loopback, 0, options);
        using StreamSocket client = Connect("127.0.0.1", listener);
        using StreamSocket accepted = (StreamSocket)listener.Accept(Limit);
        Assert.Equal(options.Accepted.KeepAlive, TcpKeepAlive.Read(accepted.Handle));
        Assert.True(SocketOptions.NoDelay.Get(accepted.Handle));
        Assert.True(accepted.AllowHalfOpen);

        client.Shutdown(SocketShutdown.Send);
        Assert.Null(accepted.Receive(Limit));
        Assert.Equal(SocketState.WriteOnly, accepted.State);
        accepted.Send("after your end"u8);
        Assert.Equal("after your end", client.Receive(Limit)!.Text);
    }

    [Fact]
    public void Without_half_open_sending_ends_with_the_peers()
    {
        using SocketListener listener = TcpListeners.Listen(
            IPAddress.Loopback, 0, new TcpListenerOptions { Accepted = new AcceptedSocketSettings() });
        using StreamSocket client = Connect("127.0.0.1", listener);
        using StreamSocket accepted = (StreamSocket)listener.Accept(Limit);
        client.Shutdown(SocketShutdown.Send);
        Assert.Null(accepted.Receive(Limit));
        Assert.Null(client.Receive(Limit));
    }

    [Fact]
    public void A_blocked_address_is_closed_and_reported()
    {
        SocketBlockList list = new();
        list.AddAddress(IPAddress.Parse("127.0.0.7"));
        using SocketListener listener = TcpListeners.Listen(
            null, 0, new TcpListenerOptions { Accepted = new AcceptedSocketSettings { BlockList = list } });
        List<SocketConnectionDroppedEventArgs> dropped = [];
        listener.ConnectionDropped += (_, args) => dropped.Add(args);
        using StreamSocket blocked = Connect("127.0.0.1", listener, "127.0.0.7");
        using StreamSocket welcome = Connect("127.0.0.1", listener);
        using NetSocket accepted = listener.Accept(Limit);
        Assert.Equal(welcome.LocalPort, accepted.RemotePort);

        // Its last acknowledgement may have been handled after that of the other one.
        Eventually.Is(() => listener.TryAccept(out _) || dropped.Count > 0, "the connection to be turned away");
        Assert.Null(blocked.Receive(Limit));
        SocketConnectionDroppedEventArgs drop = Assert.Single(dropped);
        Assert.Equal(blocked.LocalPort, drop.RemotePort);
        Assert.Equal(listener.LocalPort, drop.LocalPort);
        Assert.Equal(IPAddress.Parse("127.0.0.7"), drop.RemoteAddress);
        Assert.Equal(AddressFamily.InterNetwork, drop.RemoteFamily);
        Assert.Contains("block list", drop.Reason, StringComparison.Ordinal);
        Assert.Equal(1, listener.ConnectionCount);
    }

    [Fact]
    public void Steering_sends_a_connection_to_the_listener_of_its_CPU()
    {
        Assert.SkipUnless(CurrentPlatform.Value is Platform.Linux, "Linux only");
        Assert.SkipUnless(Environment.ProcessorCount > 1, "one CPU only");
        IReadOnlyList<SocketListener> group =
            TcpListeners.ListenReuseport(IPAddress.Loopback, 0, Environment.ProcessorCount, ReuseportSteering.Cpu);
        try
        {
            // On loopback the packet is taken by the CPU that sent it.
            for (int cpu = 0; cpu < 2; cpu++)
            {
                int count = 0;
                for (int i = 0; i < 20; i++)
                {
                    using Socket client = ConnectOnCpu(cpu, group[0].LocalPort!.Value);
                    int at = -1;
                    Eventually.Is(
                        () => (at = group.ToList().FindIndex(it => it.TryAccept(out NetSocket? socket) && Closed(socket!))) >= 0,
                        "the connection to be there");
                    count += at == cpu ? 1 : 0;
                }

                Assert.Equal(20, count);
            }
        }
        finally
        {
            group.ToList().ForEach(it => it.Dispose());
        }
    }

    [Fact]
    public async Task Accepting_asynchronously_rests_while_suspended_and_ends_with_the_listener()
    {
        using SocketListener listener = TcpListeners.Listen(IPAddress.Loopback, 0);
        listener.Suspend();
        Task<NetSocket> accepting = listener.AcceptNextAsync(CancellationToken.None);
        using StreamSocket client = Connect("127.0.0.1", listener);
        await Task.Delay(50);
        Assert.False(accepting.IsCompleted);
        listener.Resume();
        (await accepting.WaitAsync(Limit)).Dispose();

        accepting = listener.AcceptNextAsync(CancellationToken.None);
        await Task.Delay(20);
        listener.Dispose();
        await Assert.ThrowsAnyAsync<Exception>(() => accepting.WaitAsync(Limit));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Closing_one_descriptor_of_a_shared_listener_changes_nothing_for_the_other(bool whileAccepting)
    {
        Need.Linux();
        SocketListener listener = TcpListeners.Listen(IPAddress.Loopback, 0);
        using SocketListener shared = (SocketListener)ProcessDescriptor.Import(
            Environment.ProcessId, (int)listener.Handle.DangerousGetHandle());
        Task accepting = whileAccepting ? listener.AcceptNextAsync(CancellationToken.None) : Task.CompletedTask;
        await Task.Delay(50);
        listener.Dispose();
        if (whileAccepting)
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => accepting);
        }

        using StreamSocket client = Connect("127.0.0.1", shared);
        using NetSocket accepted = shared.Accept(Limit);
        Assert.Null(SocketOptions.Linger.Get(accepted.Handle));
        accepted.Send("and goodbye"u8);
        accepted.Dispose();
        Assert.Equal("and goodbye", client.Receive(Limit)!.Text);
        Assert.Null(client.Receive(Limit));
    }

    private static StreamSocket Connect(string address, SocketListener listener, string? from = null) =>
        new TcpConnector { LocalAddress = from is null ? null : IPAddress.Parse(from) }.Connect(
            [address], listener.LocalPort!.Value, CancellationToken.None);

    private static bool Closed(NetSocket socket)
    {
        socket.Dispose();
        return true;
    }

    // A blocking connect sends its packet from the calling thread.
    private static unsafe Socket ConnectOnCpu(int cpu, int port)
    {
        Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Thread thread = new(() =>
        {
            ulong mask = 1UL << cpu;
            _ = sched_setaffinity(0, sizeof(ulong), &mask);
            client.Connect(IPAddress.Loopback, port);
        });
        thread.Start();
        thread.Join();
        return client;
    }

    [DllImport("libc")]
    private static extern unsafe int sched_setaffinity(int thread, nint size, ulong* mask);
}
