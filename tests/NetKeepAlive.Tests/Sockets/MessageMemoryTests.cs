using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace NetKeepAlive.Tests.Sockets;

/// <summary>Memory outside the managed heap is never used after it is freed, whoever closes what meanwhile. Under
/// MALLOC_MMAP_THRESHOLD_=65536 a use after free ends the process; NETKEEPALIVE_ROUNDS makes the run longer.</summary>
public sealed class MessageMemoryTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static readonly int Repeats = Rounds.Of(200);

    public MessageMemoryTests() => Need.Linux();

    [Theory]
    [InlineData(SocketType.Seqpacket)]
    [InlineData(SocketType.Dgram)]
    public async Task A_socket_is_closed_while_four_send_batches(SocketType type)
    {
        ReadOnlyMemory<byte>[] messages = [.. Enumerable.Repeat(new ReadOnlyMemory<byte>(new byte[4000]), 60)];
        for (int round = 0; round < Repeats; round++)
        {
            (NetSocket near, NetSocket far) = UnixSockets.CreatePair(type);
            using CancellationTokenSource stop = new();
            Task[] senders = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() => UntilClosed(
                () => ((MessageSocket)near).SendBatch(messages, timeout: Limit))))];
            Task reader = Task.Run(() => UntilClosed(() => far.Receive(Limit)));
            Thread.SpinWait(round * 50 % 20_000);
            near.Dispose();
            await Task.WhenAll(senders).WaitAsync(Limit);
            far.Dispose();
            await reader.WaitAsync(Limit);
        }
    }

    [Fact]
    public async Task A_batch_is_disposed_while_messages_come_into_it()
    {
        (NetSocket near, NetSocket far) = UnixSockets.CreatePair(SocketType.Dgram);
        using (near)
        using (far)
        {
            Task sender = Task.Run(() => UntilClosed(() => near.Send(new byte[30_000])));
            for (int round = 0; round < Repeats; round++)
            {
                MessageBatch batch = new(8, 60_000);
                Task reader = Task.Run(() => UntilClosed(() => ((MessageSocket)far).Receive(batch, Limit)));
                Thread.SpinWait(round * 50 % 20_000);
                batch.Dispose();
                await reader.WaitAsync(Limit);
            }

            near.Dispose();
            await sender.WaitAsync(Limit);
        }
    }

    [Fact]
    public void A_span_keeps_the_memory_of_a_batch_that_nobody_holds_any_more()
    {
        (NetSocket near, NetSocket far) = UnixSockets.CreatePair(SocketType.Dgram);
        using (near)
        using (far)
        {
            byte[] sent = [.. Enumerable.Range(0, 100_000).Select(static it => (byte)it)];
            for (int round = 0; round < Repeats; round++)
            {
                near.Send(sent);
                ReadOnlySpan<byte> got = ReceiveInto(new MessageBatch(2, 100_000), (MessageSocket)far);
                GC.Collect();
                GC.WaitForPendingFinalizers();
                Assert.True(got.SequenceEqual(sent));
            }
        }
    }

    [Theory]
    [InlineData(SocketType.Dgram)]
    [InlineData(SocketType.Seqpacket)]
    public async Task No_message_is_cut_by_one_who_receives_beside(SocketType type)
    {
        (NetSocket near, NetSocket far) = UnixSockets.CreatePair(type);
        using (near)
        using (far)
        {
            MessageSocket shared = (MessageSocket)far;
            int total = Repeats * 50;
            List<Task<int>> readers =
            [
                Read(() => Whole(shared.Receive(Limit)!)),
                Read(() =>
                {
                    Span<byte> buffer = stackalloc byte[3000];
                    Assert.True(shared.Receive(buffer, out int length, Limit));
                    return Check(length, buffer[..length], 1);
                }),
                Read(() =>
                {
                    using MessageBatch batch = new(3, 3000);
                    Assert.True(shared.Receive(batch, Limit));
                    for (int i = 0; i < batch.Count; i++)
                    {
                        Check(batch.FullLength(i), batch[i], batch.Count);
                    }

                    return batch.Count;
                }),
            ];
            byte[] data = new byte[2999];
            for (int i = 0; i < total; i++)
            {
                data.AsSpan().Fill((byte)(i % 2999));
                near.Send(data.AsSpan(0, i % 2999), Limit);
            }

            // One for each reader that still waits.
            int read = 0;
            while (readers.Count > 0)
            {
                near.Send(new byte[1], Limit);
                Task<int> done = await Task.WhenAny(readers.Append(Task.Delay(20).ContinueWith(static _ => 0)));
                if (readers.Remove(done))
                {
                    read += await done;
                }
            }

            Assert.True(read >= total, $"{read} of {total}");

            int Whole(SocketMessage message)
            {
                Assert.False(message.Truncated);
                return Check(message.FullLength, message.Data, 1);
            }

            Task<int> Read(Func<int> receive) => Task.Run(() =>
            {
                int count = 0;
                while (Volatile.Read(ref _received) < total)
                {
                    int now = receive();
                    count += now;
                    Interlocked.Add(ref _received, now);
                }

                return count;
            });
        }
    }

    private int _received;

    private static int Check(int length, ReadOnlySpan<byte> data, int count)
    {
        Assert.Equal(length, data.Length);
        Assert.False(data.ContainsAnyExcept(data.IsEmpty ? (byte)0 : data[0]));
        return count;
    }

    private static ReadOnlySpan<byte> ReceiveInto(MessageBatch batch, MessageSocket socket)
    {
        Assert.True(socket.Receive(batch, Limit));
        return batch[0];
    }

    private static void UntilClosed(Action action)
    {
        try
        {
            while (true)
            {
                action();
            }
        }
        catch (Exception ended) when (ended is ObjectDisposedException or NativeSocketException)
        {
            // Closed, here or there.
        }
    }
}
