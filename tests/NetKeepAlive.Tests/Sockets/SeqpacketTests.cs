using System;
using System.Collections.Concurrent;
using System.Linq;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Descriptors;
using Xunit;

namespace NetKeepAlive.Tests.Sockets;

public sealed class SeqpacketTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private static byte[] Bytes(int size) => Enumerable.Range(0, size).Select(static i => (byte)(i * 7)).ToArray();

    public SeqpacketTests() => Need.Linux();

    [Fact]
    public void A_client_and_a_server_talk_over_a_path()
    {
        using TempFolder folder = new();
        using SocketListener listener = UnixSockets.Listen(SocketType.Seqpacket, folder.Address("s"));
        using NetSocket client = UnixSockets.Connect(SocketType.Seqpacket, folder.Address("s"));
        using NetSocket server = listener.Accept(Soon);
        client.Send("question"u8);
        Assert.Equal("question", server.Receive(Soon)!.Text);
        server.Send("answer"u8);
        Assert.Equal("answer", client.Receive(Soon)!.Text);
        Assert.Equal(folder["s"], client.RemotePath);
        Assert.Null(server.RemotePath);
        Assert.Equal(folder["s"], server.LocalPath);
        Assert.Equal(Environment.ProcessId, server.PeerCredential!.OwningProcess);
        Assert.Equal(1, listener.ConnectionCount);
        server.Dispose();
        Assert.Equal(0, listener.ConnectionCount);
        Assert.Null(client.Receive(Soon));
        Assert.Equal(SocketState.WriteOnly, client.State);
    }

    [Theory]
    [InlineData("objects")]
    [InlineData("bytes")]
    [InlineData("batch")]
    [InlineData("events")]
    public void What_a_peer_sent_before_it_reset_the_connection_comes_first(string how)
    {
        (NetSocket a, NetSocket b) = UnixSockets.CreatePair(SocketType.Seqpacket);
        using MessageSocket receiver = (MessageSocket)b;
        receiver.Send("never read"u8);
        a.Send("one"u8);
        a.Send("two"u8);

        // As a program that just calls close(2): this module would read first what is unread.
        SharedSockets.Mark(a.Handle);
        a.Dispose();
        BlockingCollection<string> got = [];
        if (how is "events")
        {
            BlockingCollection<Exception> errors = [];

            // Both handlers are there before anything is raised.
            receiver.Suspend();
            receiver.DataReceived += (_, message) => got.Add(message.Text);
            receiver.ErrorOccurred += (_, e) => errors.Add(e.Exception);
            receiver.Resume();
            Assert.True(errors.TryTake(out Exception? error, Soon));
            Assert.Equal("ECONNRESET", Assert.IsType<NativeSocketException>(error).Errno);
            Assert.Equal(["one", "two"], got);
            return;
        }

        byte[] buffer = new byte[16];
        using MessageBatch batch = new(4, 16);
        bool Receive()
        {
            switch (how)
            {
                case "objects":
                    SocketMessage? message = receiver.Receive(Soon);
                    got.Add(message?.Text ?? string.Empty);
                    return message is not null;
                case "bytes":
                    bool isMessage = receiver.Receive(buffer, out int length, Soon);
                    got.Add(Encoding.UTF8.GetString(buffer, 0, length));
                    return isMessage;
                default:
                    bool areMessages = receiver.Receive(batch, Soon);
                    Enumerable.Range(0, batch.Count).ToList().ForEach(i => got.Add(Encoding.UTF8.GetString(batch[i])));
                    return areMessages;
            }
        }

        while (got.Count < 2)
        {
            Assert.True(Receive());
        }

        Assert.Equal(["one", "two"], got);
        NativeSocketException reset = Assert.Throws<NativeSocketException>(() => Receive());
        Assert.Equal("ECONNRESET", reset.Errno);
        Assert.Equal(SocketState.Closed, receiver.State);
        Assert.False(Receive());
    }

    [Fact]
    public async Task Messages_of_every_size_arrive_whole_apart_and_in_order()
    {
        (NetSocket a, NetSocket b) = UnixSockets.CreatePair(SocketType.Seqpacket);
        using (a)
        using (b)
        {
            int[] sizes = [0, 1, 64, 65535, 0, 65536, 200000, 0, 0];
            Task sender = Task.Run(() =>
            {
                foreach (int size in sizes)
                {
                    a.Send(Bytes(size), Soon);
                }

                a.Dispose();
            });
            foreach (int size in sizes)
            {
                SocketMessage message = b.Receive(Soon)!;
                Assert.Equal(size, message.Length);
                Assert.False(message.Truncated);
                Assert.Equal(Bytes(size), message.Data);
            }

            Assert.Null(b.Receive(Soon));
            await sender;
            Assert.Equal(sizes.Sum(), b.BytesReceived);
        }
    }

    [Fact]
    public void An_empty_message_is_not_the_end()
    {
        (NetSocket a, NetSocket b) = UnixSockets.CreatePair(SocketType.Seqpacket);
        using MessageSocket receiver = (MessageSocket)b;
        a.Send(default);
        a.Send("12345"u8);
        a.Dispose();
        Span<byte> buffer = stackalloc byte[3];
        Assert.True(receiver.Receive(buffer, out int length, Soon));
        Assert.Equal(0, length);
        Assert.True(receiver.Receive(buffer, out length, Soon));
        Assert.Equal(5, length);
        Assert.Equal("123"u8, buffer);
        Assert.False(receiver.Receive(buffer, out _, Soon));
    }

    [Fact]
    public async Task Closing_ends_the_wait_of_another_thread()
    {
        (NetSocket a, NetSocket b) = UnixSockets.CreatePair(SocketType.Seqpacket);
        using (a)
        {
            Task waiting = Eventually.Waits(() => b.Receive(Soon));
            b.Dispose();
            b.Dispose();
            await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting.WaitAsync(Soon));
        }
    }

    [Fact]
    public void A_wait_ends_by_timeout_and_by_cancelling_and_loses_nothing()
    {
        (NetSocket a, NetSocket b) = UnixSockets.CreatePair(SocketType.Seqpacket);
        using (a)
        using (b)
        {
            Assert.Throws<TimeoutException>(() => b.Receive(TimeSpan.FromMilliseconds(30)));
            using CancellationTokenSource source = new(50);
            Assert.ThrowsAny<OperationCanceledException>(() => b.Receive(cancellationToken: source.Token));
            a.Send("after"u8);
            Assert.Equal("after", b.Receive(Soon)!.Text);
        }
    }

    [Fact]
    public async Task Events_carry_every_message_its_number_and_the_end()
    {
        (NetSocket a, NetSocket b) = UnixSockets.CreatePair(SocketType.Seqpacket);
        System.Collections.Concurrent.ConcurrentQueue<SocketMessage> got = new();
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource<bool> closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        b.DataReceived += (_, message) => got.Enqueue(message);
        b.Ended += (_, _) => ended.SetResult();
        b.Closed += (_, args) => closed.SetResult(args.HadError);
        for (int i = 0; i < 100; i++)
        {
            a.Send(BitConverter.GetBytes(i));
        }

        a.Send(default);
        a.Dispose();
        await ended.Task.WaitAsync(Soon);
        Assert.Equal(101, got.Count);
        Assert.Equal(Enumerable.Range(1, 101).Select(static i => (long)i), got.Select(static it => it.Sequence));
        b.Dispose();
        Assert.False(await closed.Task.WaitAsync(Soon));
    }
}
