using System;
using System.IO;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace NetKeepAlive.Tests.Sockets;

public sealed class DatagramTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Fact]
    public void A_message_knows_its_sender_and_goes_back_there()
    {
        using TempFolder folder = new();
        using UnixDatagramSocket server = UnixSockets.CreateDatagram(folder.Address("server"));
        using UnixDatagramSocket client = UnixSockets.CreateDatagram(folder.Address("client"));
        using UnixDatagramSocket unnamed = UnixSockets.CreateDatagram(null);
        client.SendTo("named"u8, folder.Address("server"));
        unnamed.SendTo("unnamed"u8, folder.Address("server"));
        SocketMessage first = server.Receive(Soon)!;
        SocketMessage second = server.Receive(Soon)!;
        Assert.Equal(folder["client"], first.RemotePath);
        Assert.Null(second.RemotePath);
        server.SendTo("back"u8, first.Remote!);
        Assert.Equal("back", client.Receive(Soon)!.Text);
    }

    [Fact]
    public async Task A_sender_to_a_full_queue_waits_and_delays_nobody_else()
    {
        Need.Linux();
        using TempFolder folder = new();
        using UnixDatagramSocket slow = UnixSockets.CreateDatagram(folder.Address("slow"));
        using UnixDatagramSocket quick = UnixSockets.CreateDatagram(folder.Address("quick"));
        using UnixDatagramSocket sender = UnixSockets.CreateDatagram(null);
        int queued = 0;
        while (Try(sender, folder.Address("slow")))
        {
            queued++;
        }

        // The wait for a full queue looks now and then: no call of the kernel waits for it.
        using ManualResetEventSlim begun = new();
        Task waiting = Task.Run(() =>
        {
            begun.Set();
            sender.SendTo("waited"u8, folder.Address("slow"), Soon);
        });
        Assert.True(begun.Wait(Soon));
        sender.SendTo("ok"u8, folder.Address("quick"), Soon);
        Assert.Equal("ok", quick.Receive(Soon)!.Text);
        Assert.False(waiting.IsCompleted);
        Assert.Throws<SendTimeoutException>(
            () => sender.SendTo("x"u8, folder.Address("slow"), TimeSpan.FromMilliseconds(50)));
        for (int i = 0; i < queued; i++)
        {
            Assert.Equal(1, slow.Receive(Soon)!.Length);
        }

        await waiting.WaitAsync(Soon);
        Assert.Equal("waited", slow.Receive(Soon)!.Text);
    }

    private static bool Try(NetSocket sender, UnixAddress to)
    {
        ReadOnlySpan<byte> one = [1];
        return sender.TrySend(ref one, to);
    }

    [Fact]
    public async Task A_wait_for_a_receiver_that_goes_away_ends_with_an_error()
    {
        Need.Linux();
        using TempFolder folder = new();
        UnixDatagramSocket receiver = UnixSockets.CreateDatagram(folder.Address("gone"));
        using UnixDatagramSocket sender = UnixSockets.CreateDatagram(null);
        Task waiting = Task.Run(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                sender.SendTo("x"u8, folder.Address("gone"), Soon);
            }
        });
        await Task.Delay(100);
        receiver.Dispose();
        NativeSocketException error = await Assert.ThrowsAsync<NativeSocketException>(() => waiting.WaitAsync(Soon));
        Assert.Contains(error.Errno, new[] { "ECONNREFUSED", "ENOENT" });
        Assert.Contains(folder["gone"], error.Message);
    }

    [Theory]
    [InlineData(SocketType.Seqpacket, 1)]
    [InlineData(SocketType.Seqpacket, 32)]
    [InlineData(SocketType.Dgram, 1)]
    [InlineData(SocketType.Dgram, 32)]
    public async Task A_million_messages_arrive_all_and_in_order(SocketType type, int batch)
    {
        Need.Linux();
        const int Count = 1_000_000;
        (NetSocket a, NetSocket b) = UnixSockets.CreatePair(type);
        using MessageSocket sender = (MessageSocket)a;
        using MessageSocket receiver = (MessageSocket)b;
        Task sending = Task.Run(() =>
        {
            ReadOnlyMemory<byte>[] messages = new ReadOnlyMemory<byte>[batch];
            for (int i = 0; i < Count; i += batch)
            {
                for (int j = 0; j < batch; j++)
                {
                    messages[j] = BitConverter.GetBytes(i + j);
                }

                if (batch == 1)
                {
                    sender.Send(messages[0].Span, Soon);
                }
                else
                {
                    sender.SendBatch(messages, timeout: Soon);
                }
            }
        });
        using MessageBatch received = new(batch, 64);
        byte[] buffer = new byte[64];
        int next = 0;
        while (next < Count)
        {
            if (batch == 1)
            {
                Assert.True(receiver.Receive(buffer, out int length, Soon));
                Assert.Equal(4, length);
                Assert.Equal(next++, BitConverter.ToInt32(buffer));
            }
            else
            {
                Assert.True(receiver.Receive(received, Soon));
                for (int i = 0; i < received.Count; i++)
                {
                    Assert.Equal(next++, BitConverter.ToInt32(received[i]));
                }
            }
        }

        await sending.WaitAsync(Soon);
        Assert.Equal(4L * Count, receiver.BytesReceived);
        Assert.Equal(4L * Count, sender.BytesSent);
    }

    [Fact]
    public void A_batch_tells_empty_messages_from_the_end()
    {
        Need.Linux();
        (NetSocket a, NetSocket b) = UnixSockets.CreatePair(SocketType.Seqpacket);
        using MessageSocket receiver = (MessageSocket)b;
        ((MessageSocket)a).SendBatch(new ReadOnlyMemory<byte>[] { default, new byte[3], default });
        a.Dispose();
        using MessageBatch batch = new(16, 2);
        Assert.True(receiver.Receive(batch, Soon));
        Assert.Equal(3, batch.Count);
        Assert.Equal(0, batch[0].Length);
        Assert.Equal(2, batch[1].Length);
        Assert.Equal(3, batch.FullLength(1));
        Assert.False(receiver.Receive(batch, Soon));
    }

    [Fact]
    public void Credentials_come_with_each_message_when_asked_for()
    {
        Need.Linux();
        using TempFolder folder = new();
        using UnixDatagramSocket server = UnixSockets.CreateDatagram(folder.Address("s"), passCredential: true);
        using UnixDatagramSocket client = UnixSockets.CreateDatagram(null, folder.Address("s"));
        client.Send("x"u8);
        Assert.Equal(Environment.ProcessId, server.Receive(Soon)!.Credential!.OwningProcess);
    }

    [Fact]
    public void Descriptors_arrive_as_what_they_are()
    {
        using TempFolder folder = new();
        File.WriteAllText(folder["file"], "content");
        (NetSocket a, NetSocket b) = UnixSockets.CreatePair(SocketType.Dgram);
        using FileStream file = File.OpenRead(folder["file"]);
        using UdpClient udp = new();
        using (a)
        using (b)
        {
            a.SendHandles([file.SafeFileHandle, a.Handle, udp.Client.SafeHandle], "x"u8);
            using SocketMessage message = b.Receive(Soon)!;
            Assert.Collection(
                message.Handles,
                static it => Assert.IsType<Microsoft.Win32.SafeHandles.SafeFileHandle>(it),
                static it => Assert.IsType<UnixDatagramSocket>(it),
                static it => Assert.IsType<Socket>(it));
            Assert.False(file.SafeFileHandle.IsClosed);
        }
    }
}
