using System;
using System.Linq;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Descriptors;
using Xunit;

namespace NetKeepAlive.Tests.Descriptors;

public sealed class OrderlyCloseTests
{
    private const int AnswerLength = 500_000;

    // close(2) with bytes that still come resets the connection: the peer then loses what it has not read.
    [Theory]
    [InlineData("socket")]
    [InlineData("stream")]
    [InlineData(".NET socket")]
    public async Task What_was_sent_arrives_though_the_peer_goes_on_sending(string how)
    {
        using TcpPair pair = new();
        using CancellationTokenSource stop = new();
        Task sending = Task.Run(() => SendOn(pair.Client.Socket, stop.Token));
        byte[] answer = new byte[AnswerLength];
        Task answering = Task.Run(() =>
        {
            switch (how)
            {
                case "socket":
                    pair.Server.Send(answer);
                    break;
                case "stream":
                    pair.Server.GetStream().Write(answer);
                    break;
                default:
                    pair.Server.Socket.Send(answer);
                    break;
            }

            pair.Server.Close();
        });

        int got = 0;
        byte[] buffer = new byte[20_000];
        int length;
        while ((length = pair.Client.Socket.Receive(buffer)) > 0)
        {
            got += length;
            await Task.Delay(1);
        }

        await answering.WaitAsync(TcpPair.Limit);
        Assert.Equal(AnswerLength, got);
        Assert.True(pair.Server.IsClosed);
        await stop.CancelAsync();
        pair.Client.Close();
        await sending.WaitAsync(TcpPair.Limit);
    }

    // Slower than the time and the bytes that a peer has to end its side: what counts is that it gets on.
    [Fact]
    public async Task What_was_sent_arrives_at_a_slow_reader_that_sends_more_than_is_thrown_away()
    {
        using TcpPair pair = new();
        using CancellationTokenSource stop = new();
        Task sending = Task.Run(() => SendOn(pair.Client.Socket, stop.Token, 100_000));
        byte[] answer = new byte[AnswerLength];
        pair.Server.Send(answer);
        pair.Server.Close();
        int got = 0;
        byte[] buffer = new byte[10_000];
        int length;
        while ((length = pair.Client.Socket.Receive(buffer)) > 0)
        {
            got += length;
            await Task.Delay(60);
        }

        await stop.CancelAsync();
        pair.Client.Close();
        await sending.WaitAsync(TcpPair.Limit);
        Assert.Equal(AnswerLength, got);
    }

    [Fact]
    public void Closing_does_not_wait_and_the_place_is_free_at_once()
    {
        using TcpPair pair = new();
        Assert.Equal(1, pair.Listener.ConnectionCount);
        pair.Server.Send("an answer"u8);
        pair.Server.Close();
        Assert.True(pair.Server.IsClosed);
        Assert.Equal(SocketState.Closed, pair.Server.State);
        Assert.Equal(0, pair.Listener.ConnectionCount);
        Assert.Equal("an answer", pair.Client.Receive(TcpPair.Limit)!.Text);
        Assert.Null(pair.Client.Receive(TcpPair.Limit));
    }

    [Fact]
    public void A_peer_that_never_ends_is_left_in_the_end()
    {
        using TcpPair pair = new();
        pair.Server.Send("an answer"u8);
        pair.Server.Close();
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                try
                {
                    pair.Client.Send("still there"u8);
                    Thread.Sleep(20);
                    return false;
                }
                catch (NativeSocketException)
                {
                    return true;
                }
            },
            OrderlyClose.Limit + TcpPair.Limit));
    }

    // It looks like the end, and what comes after it would be left to the kernel, which resets the connection.
    [Fact]
    public void A_message_of_no_bytes_does_not_end_the_wait_for_the_peer_s_end()
    {
        Need.Seqpacket();
        (NetSocket near, NetSocket far) = UnixSockets.CreatePair(SocketType.Seqpacket);
        using (near)
        using (far)
        {
            near.Send("an answer"u8);
            far.Send(default);
            far.Send("and more"u8);
            near.Close();
            far.Send(default);
            far.Send("and still more"u8);
            Assert.Equal("an answer", far.Receive(TcpPair.Limit)!.Text);
            Assert.Null(far.Receive(TcpPair.Limit));
        }
    }

    [Fact]
    public void No_more_than_so_many_are_closed_at_a_time_and_the_oldest_gives_way()
    {
        (NetSocket Near, NetSocket Far)[] pairs =
            [.. Enumerable.Range(0, OrderlyClose.MaximumCount + 50).Select(static _ => UnixSockets.CreatePair(SocketType.Stream))];
        try
        {
            foreach ((NetSocket near, _) in pairs)
            {
                near.Send("x"u8);
                near.Close();
                Assert.InRange(OrderlyClose.Count, 0, OrderlyClose.MaximumCount);
            }

            Eventually.Is(() => IsGone(pairs[0].Far), "the oldest to be closed");
        }
        finally
        {
            Array.ForEach(pairs, static it => it.Far.Dispose());
        }
    }

    [Fact]
    public void A_peer_that_sends_without_end_is_read_no_further_than_1_MiB()
    {
        (NetSocket near, NetSocket far) = UnixSockets.CreatePair(SocketType.Stream);
        using (near)
        using (far)
        {
            near.Send("x"u8);
            near.Close();
            // And what the buffers hold, which is less.
            long most = 2 * OrderlyClose.MaximumBytes;
            NativeSocketException ended = Assert.Throws<NativeSocketException>(
                () => far.Send(new byte[4 * OrderlyClose.MaximumBytes], OrderlyClose.Limit + TcpPair.Limit));
            Assert.InRange(far.BytesSent, OrderlyClose.MaximumBytes, most);
            Assert.Equal(far.BytesSent, ended.BytesSent);
        }
    }

    [Fact]
    public void A_reset_stays_a_reset()
    {
        using TcpPair pair = new();
        pair.Server.Send("lost"u8);
        pair.Server.Reset();
        Assert.Equal(
            "ECONNRESET",
            Assert.Throws<NativeSocketException>(() =>
            {
                while (pair.Client.Receive(TcpPair.Limit) is not null)
                {
                }
            }).Errno);
    }

    private static bool IsGone(NetSocket peer)
    {
        try
        {
            peer.Send("x"u8, TimeSpan.Zero);
            return false;
        }
        catch (TimeoutException)
        {
            // Nobody reads any more, but a process that is just being started still has a copy.
            return false;
        }
        catch (NativeSocketException)
        {
            return true;
        }
    }

    private static void SendOn(Socket socket, CancellationToken stop, int length = 1000)
    {
        byte[] more = new byte[length];
        try
        {
            while (!stop.IsCancellationRequested)
            {
                socket.Send(more);
                Thread.Sleep(1);
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
            // The connection is closed.
        }
    }
}
