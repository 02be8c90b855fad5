using System;
using System.Diagnostics;
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
    public void What_was_sent_arrives_though_the_peer_goes_on_sending(string how) =>
        Arrives(clock => SendsOn(how, clock));

    private static int SendsOn(string how, ReaderClock clock)
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

        int got = Read(pair.Client.Socket, 20_000, TimeSpan.FromMilliseconds(1), clock);
        Assert.True(answering.Wait(TcpPair.Limit));
        Assert.True(pair.Server.IsClosed);
        stop.Cancel();
        pair.Client.Close();
        Assert.True(sending.Wait(TcpPair.Limit));
        return got;
    }

    // Slower than the time and the bytes that a peer has to end its side: what counts is that it gets on.
    [Fact]
    public void What_was_sent_arrives_at_a_slow_reader_that_sends_more_than_is_thrown_away() => Arrives(ReadsSlowly);

    private static int ReadsSlowly(ReaderClock clock)
    {
        using TcpPair pair = new();
        using CancellationTokenSource stop = new();
        Task sending = Task.Run(() => SendOn(pair.Client.Socket, stop.Token, 100_000));
        byte[] answer = new byte[AnswerLength];
        pair.Server.Send(answer);
        pair.Server.Close();
        int got = Read(pair.Client.Socket, 10_000, TimeSpan.FromMilliseconds(60), clock);
        stop.Cancel();
        pair.Client.Close();
        Assert.True(sending.Wait(TcpPair.Limit));
        return got;
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
        for (int left = 4; ; left--)
        {
            (NetSocket near, NetSocket far) = UnixSockets.CreatePair(SocketType.Seqpacket);
            using (near)
            using (far)
            {
                near.Send("an answer"u8);
                far.Send(default);
                far.Send("and more"u8);
                Stopwatch clock = Stopwatch.StartNew();
                near.Close();
                try
                {
                    far.Send(default);
                    far.Send("and still more"u8);
                    Assert.Equal("an answer", far.Receive(TcpPair.Limit)!.Text);
                    Assert.Null(far.Receive(TcpPair.Limit));
                    return;
                }
                catch (Exception) when (left > 0 && clock.Elapsed >= OrderlyClose.Limit / 2)
                {
                    // Who is held off for as long as that may be given up.
                }
            }
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
        // And what the buffers hold, which is less.
        const long Most = 2 * OrderlyClose.MaximumBytes;
        long sent = 0;

        // Who is held off for the time that a peer has is read less far.
        for (int tries = 0; tries < 5 && sent < OrderlyClose.MaximumBytes; tries++)
        {
            (NetSocket near, NetSocket far) = UnixSockets.CreatePair(SocketType.Stream);
            using (near)
            using (far)
            {
                near.Send("x"u8);
                near.Close();
                NativeSocketException ended = Assert.Throws<NativeSocketException>(
                    () => far.Send(new byte[4 * OrderlyClose.MaximumBytes], OrderlyClose.Limit + TcpPair.Limit));
                sent = far.BytesSent;
                Assert.InRange(sent, 0, Most);
                Assert.Equal(sent, ended.BytesSent);
            }
        }

        Assert.InRange(sent, OrderlyClose.MaximumBytes, Most);
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

    // All of the answer arrives. A reader that is held off for long may be given up: such a round decides nothing.
    private static void Arrives(Func<ReaderClock, int> round)
    {
        for (int left = 4; ; left--)
        {
            ReaderClock clock = new();
            int got = round(clock);
            if (got == AnswerLength || left == 0 || clock.Longest < OrderlyClose.Limit / 2)
            {
                Assert.Equal(AnswerLength, got);
                return;
            }
        }
    }

    // Reads on this thread to the end, with a pause after each read.
    private static int Read(Socket socket, int length, TimeSpan pause, ReaderClock clock)
    {
        int got = 0;
        byte[] buffer = new byte[length];
        try
        {
            int now;
            clock.Advance();
            while ((now = socket.Receive(buffer)) > 0)
            {
                got += now;
                clock.Advance();
                Thread.Sleep(pause);
            }

            clock.Advance();
        }
        catch (SocketException) when (clock.Advance() >= OrderlyClose.Limit / 2)
        {
            // It was given up.
        }

        return got;
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

    /// <summary>The longest time between two advances of a reader.</summary>
    private sealed class ReaderClock
    {
        private long _last = Stopwatch.GetTimestamp();

        internal TimeSpan Longest { get; private set; }

        internal TimeSpan Advance()
        {
            long now = Stopwatch.GetTimestamp();
            TimeSpan passed = Stopwatch.GetElapsedTime(_last, now);
            _last = now;
            return Longest = passed > Longest ? passed : Longest;
        }
    }
}
