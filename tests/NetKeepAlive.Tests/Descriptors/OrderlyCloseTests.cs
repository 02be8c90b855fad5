using System;
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
