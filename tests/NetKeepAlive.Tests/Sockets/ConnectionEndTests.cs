using System;
using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace NetKeepAlive.Tests.Sockets;

/// <summary>What is told of the end of a connection, whoever reads, or nobody.</summary>
public sealed class ConnectionEndTests
{
    private static readonly TimeSpan Limit = TcpPair.Limit;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Both_sides_ended_is_closed_in_whichever_order(bool peerFirst)
    {
        using TcpPair pair = new();
        BlockingCollection<string> told = [];
        pair.Server.DataReceived += (_, _) => told.Add("data");
        pair.Server.Ended += (_, _) => told.Add("ended");
        pair.Server.Closed += (_, args) => told.Add(args.HadError ? "failed" : "closed");
        if (peerFirst)
        {
            pair.Client.Shutdown(SocketShutdown.Send);
            Assert.True(told.TryTake(out string? first, Limit));
            Assert.Equal("ended", first);
            Assert.False(pair.Server.IsClosed);
            pair.Server.Shutdown(SocketShutdown.Send);
        }
        else
        {
            pair.Server.Shutdown(SocketShutdown.Send);
            pair.Client.Shutdown(SocketShutdown.Send);
            Assert.True(told.TryTake(out string? first, Limit));
            Assert.Equal("ended", first);
        }

        Assert.True(told.TryTake(out string? last, Limit));
        Assert.Equal("closed", last);
        Assert.True(pair.Server.IsClosed);
        Assert.Equal(0, pair.Listener.ConnectionCount);
        await Task.Yield();
        Assert.Empty(told);
    }

    [Theory]
    [InlineData(SocketType.Stream)]
    [InlineData(SocketType.Seqpacket)]
    public void Read_to_the_end_and_ended_here_is_closed_and_the_end_stays_the_end(SocketType type)
    {
        if (type is SocketType.Seqpacket)
        {
            Need.Seqpacket();
        }

        (NetSocket a, NetSocket b) = UnixSockets.CreatePair(type);
        a.Send("last"u8);
        a.Dispose();
        Assert.Equal("last", b.Receive(Limit)!.Text);
        Assert.Null(b.Receive(Limit));
        Assert.Equal(SocketState.WriteOnly, b.State);
        b.Shutdown(SocketShutdown.Send);
        Assert.Equal(SocketState.Closed, b.State);
        Assert.True(b.IsClosed);
        Assert.Null(b.Receive(Limit));
        Assert.Equal("EPIPE", Assert.Throws<NativeSocketException>(() => b.Send("x"u8)).Errno);
    }

    [Fact]
    public void The_end_is_told_to_who_only_asks_for_it_and_what_came_before_can_be_received()
    {
        using TcpPair pair = new();
        using ManualResetEventSlim ended = new();
        pair.Server.Ended += (_, _) => ended.Set();
        pair.Client.Send("before the end"u8);
        pair.Client.Shutdown(SocketShutdown.Send);
        Assert.True(ended.Wait(Limit));
        Assert.Equal(SocketState.WriteOnly, pair.Server.State);
        Assert.Equal("before the end", pair.Server.Receive(Limit)!.Text);
        Assert.Null(pair.Server.Receive(Limit));
    }

    [Fact]
    public void A_reset_is_told_to_who_does_not_read()
    {
        using TcpPair pair = new();
        BlockingCollection<string> told = [];
        pair.Server.ErrorOccurred += (_, args) => told.Add(((NativeSocketException)args.Exception).Errno);
        pair.Server.Closed += (_, args) => told.Add(args.HadError ? "failed" : "closed");
        pair.Client.Reset();
        Assert.True(told.TryTake(out string? error, Limit));
        Assert.Equal("ECONNRESET", error);
        Assert.True(told.TryTake(out string? closed, Limit));
        Assert.Equal("failed", closed);
        Assert.Equal(SocketState.Closed, pair.Server.State);
        Assert.Equal(0, pair.Listener.ConnectionCount);
    }

    [Fact]
    public void Disposing_the_NET_socket_closes()
    {
        using TcpPair pair = new();
        using ManualResetEventSlim closed = new();
        pair.Server.Closed += (_, _) => closed.Set();
        pair.Server.Socket.Dispose();
        Assert.True(pair.Server.IsClosed);
        Assert.Equal(SocketState.Closed, pair.Server.State);
        Assert.Equal(0, pair.Listener.ConnectionCount);
        Assert.True(closed.Wait(Limit));
        Assert.Null(pair.Client.Receive(Limit));

        pair.Listener.Socket.Dispose();
        Assert.True(pair.Listener.IsClosed);
    }

    [Fact]
    public void Disposing_the_handle_closes()
    {
        using TcpPair pair = new();
        using StreamSocket other = pair.Connect();
        using StreamSocket counted = (StreamSocket)pair.Listener.Accept(Limit);
        pair.Server.Socket.SafeHandle.Dispose();
        Assert.True(pair.Server.IsClosed);
        Assert.Equal(SocketState.Closed, pair.Server.State);
        counted.Socket.SafeHandle.Dispose();
        Assert.Equal(0, pair.Listener.ConnectionCount);

        pair.Listener.Socket.SafeHandle.Dispose();
        Assert.True(pair.Listener.IsClosed);
    }

    [Fact]
    public void A_handler_that_throws_does_not_silence_those_after_it()
    {
        using TcpPair pair = new();
        BlockingCollection<string> told = [];
        pair.Server.DataReceived += (_, _) => throw new InvalidOperationException("the first");
        pair.Server.DataReceived += (_, chunk) => told.Add(chunk.Text);
        pair.Server.ErrorOccurred += (_, args) => told.Add(args.Exception.Message);
        pair.Client.Send("x"u8);
        Assert.True(told.TryTake(out string? error, Limit));
        Assert.Equal("the first", error);
        Assert.True(told.TryTake(out string? text, Limit));
        Assert.Equal("x", text);
    }

    [Fact]
    public async Task Handlers_that_come_and_go_under_traffic_hear_everything_in_order()
    {
        Need.Seqpacket();
        (NetSocket a, NetSocket b) = UnixSockets.CreatePair(SocketType.Seqpacket);
        using (a)
        using (b)
        {
            int count = 10 * Rounds.Of(300);
            ConcurrentQueue<long> heard = [];
            using CountdownEvent all = new(count);
            void Hear(object? sender, SocketMessage message)
            {
                heard.Enqueue(message.Sequence);
                all.Signal();
            }

            Task sender = Task.Run(() =>
            {
                for (int i = 0; i < count; i++)
                {
                    a.Send("x"u8, Limit);
                }
            });
            while (!all.IsSet)
            {
                b.DataReceived += Hear;
                Thread.Sleep(1);
                b.DataReceived -= Hear;
                if (sender.IsFaulted)
                {
                    break;
                }
            }

            await sender.WaitAsync(Limit);
            long expected = 0;
            Assert.All(heard, it => Assert.Equal(++expected, it));
            Assert.Equal(count, expected);
        }
    }

    [Fact]
    public void Nobody_is_admitted_once_Suspend_has_returned()
    {
        using TcpPair pair = new();
        using SocketListener listener = TcpListeners.Listen(System.Net.IPAddress.Loopback, 0);
        int admitted = 0;
        listener.Connection += (_, args) =>
        {
            Interlocked.Increment(ref admitted);
            args.Socket.Dispose();
        };
        for (int round = 1; round <= Rounds.Of(100); round++)
        {
            listener.Suspend();
            int before = Volatile.Read(ref admitted);
            using TcpClient client = new();
            client.Connect(System.Net.IPAddress.Loopback, listener.LocalPort!.Value);
            if (round % 10 == 0)
            {
                Thread.Sleep(5);
            }

            Assert.Equal(before, Volatile.Read(ref admitted));
            listener.Resume();
            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref admitted) == round, Limit));
        }
    }

    [Theory]
    [InlineData("events")]
    [InlineData("async")]
    [InlineData("accept")]
    public async Task A_block_list_refuses_who_connects_and_resets_at_once(string how)
    {
        SocketBlockList blocked = new();
        blocked.AddAddress(System.Net.IPAddress.Loopback);
        using SocketListener listener = TcpListeners.Listen(
            System.Net.IPAddress.Loopback, 0,
            new TcpListenerOptions { Accepted = new AcceptedSocketSettings { BlockList = blocked } });
        ConcurrentQueue<System.Net.IPAddress?> dropped = [];
        int admitted = 0;
        listener.ConnectionDropped += (_, args) => dropped.Enqueue(args.RemoteAddress);
        using CancellationTokenSource stop = new();
        Task accepting = how switch
        {
            "events" => Task.Run(() => listener.Connection += (_, _) => Interlocked.Increment(ref admitted)),
            "async" => Task.Run(async () =>
            {
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => listener.AcceptNextAsync(stop.Token));
            }),
            _ => Task.Run(() => Assert.ThrowsAny<OperationCanceledException>(() => listener.Accept(null, stop.Token))),
        };
        const int Count = 300;
        for (int i = 0; i < Count; i++)
        {
            using Socket hostile = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            hostile.LingerState = new LingerOption(true, 0);
            hostile.Connect(System.Net.IPAddress.Loopback, listener.LocalPort!.Value);
            try
            {
                hostile.Send("let me in"u8);
            }
            catch (SocketException)
            {
                // It was turned away already.
            }
        }

        Assert.True(SpinWait.SpinUntil(() => dropped.Count == Count, Limit));
        Assert.Equal(0, admitted);

        // macOS tells no address of a connection that was reset before it was accepted.
        bool mayBeUnknown = NetKeepAlive.Interop.CurrentPlatform.Value is NetKeepAlive.Interop.Platform.Darwin;
        Assert.All(dropped, it => Assert.True(it is null ? mayBeUnknown : it.Equals(System.Net.IPAddress.Loopback)));
        await stop.CancelAsync();
        await accepting.WaitAsync(Limit);
    }
}
