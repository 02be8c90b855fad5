using System;
using System.Collections.Generic;
using System.IO;
using System.Net.Sockets;
using System.Threading;
using NetKeepAlive.Sockets;
using Xunit;

namespace NetKeepAlive.Tests.Opening;

public sealed class UnixSocketsTests
{
    private static readonly TimeSpan Limit = TcpPair.Limit;

    [Fact]
    public void A_connect_to_a_listener_whose_queue_is_full_waits_as_long_as_it_was_told()
    {
        Need.Linux();
        using TempFolder folder = new();
        using SocketListener listener = UnixSockets.Listen(SocketType.Stream, folder.Address("s"), backlog: 0);
        using NetSocket first = UnixSockets.Connect(SocketType.Stream, folder.Address("s"));
        TimeoutException late = Assert.Throws<TimeoutException>(() => UnixSockets.Connect(
            SocketType.Stream, folder.Address("s"), timeout: TimeSpan.FromMilliseconds(20)));
        Assert.Contains("queue was full", late.Message, StringComparison.Ordinal);
        Assert.Contains(folder["s"], late.Message, StringComparison.Ordinal);
        using CancellationTokenSource cancel = new(20);
        Assert.ThrowsAny<OperationCanceledException>(() => UnixSockets.Connect(
            SocketType.Stream, folder.Address("s"), cancellationToken: cancel.Token));

        // Nobody is left behind in the queue: the first is accepted, and then there is room.
        using NetSocket accepted = listener.Accept(Limit);
        using NetSocket second = UnixSockets.Connect(SocketType.Stream, folder.Address("s"), timeout: Limit);
        using NetSocket acceptedToo = listener.Accept(Limit);
        second.Send("in time"u8);
        Assert.Equal("in time", acceptedToo.Receive(Limit)!.Text);
    }

    [Fact]
    public void What_cannot_be_connected_to_is_told_with_what_to_do()
    {
        using TempFolder folder = new();
        using SocketListener listener = UnixSockets.Listen(SocketType.Stream, folder.Address("stream"));
        using (Socket dead = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(folder["dead"]));
            NativeSocketException refused = Refused("dead", SocketType.Stream);
            Assert.Equal("ECONNREFUSED", refused.Errno);
            Assert.Contains("start the server", refused.Message, StringComparison.Ordinal);
        }

        NativeSocketException missing = Refused("missing", SocketType.Stream);
        Assert.Equal("ENOENT", missing.Errno);
        Assert.Equal(folder["missing"], missing.Target);
        Assert.Contains("No such socket", missing.Message, StringComparison.Ordinal);

        NativeSocketException type = Assert.Throws<NativeSocketException>(
            () => UnixSockets.CreateDatagram(folder.Address("own"), folder.Address("stream")));
        Assert.Equal("EPROTOTYPE", type.Errno);
        Assert.Contains("another type", type.Message, StringComparison.Ordinal);

        // Its own file went with it.
        Assert.False(File.Exists(folder["own"]));

        NativeSocketException Refused(string name, SocketType kind)
        {
            NativeSocketException error = Assert.Throws<NativeSocketException>(
                () => UnixSockets.Connect(kind, folder.Address(name), folder.Address("local")));
            Assert.False(File.Exists(folder["local"]));
            return error;
        }
    }

    [Theory]
    [InlineData(SocketType.Stream)]
    [InlineData(SocketType.Seqpacket)]
    public void A_client_with_a_name_is_known_by_it_and_takes_its_file_with_it(SocketType type)
    {
        Need.Linux();
        using TempFolder folder = new();
        using SocketListener listener = UnixSockets.Listen(type, folder.Address("s"));
        Assert.Equal(folder["s"], listener.LocalPath);
        Assert.Equal($"unix:{folder["s"]}", listener.ToString());
        using (NetSocket client = UnixSockets.Connect(type, folder.Address("s"), folder.Address("c")))
        {
            using NetSocket server = listener.Accept(Limit);
            Assert.Equal(folder["c"], client.LocalPath);
            Assert.Equal(folder["s"], client.RemotePath);
            Assert.Equal(folder["c"], server.RemotePath);
            Assert.Equal($"unix:{folder["c"]} -> unix:{folder["s"]}", client.ToString());
            Assert.Equal(Environment.ProcessId, server.PeerCredential!.OwningProcess);
            client.Dispose();
            Assert.Equal(SocketState.Closed, client.State);
            Assert.Null(client.LocalPath);
            Assert.Null(client.PeerCredential);
        }

        Assert.False(File.Exists(folder["c"]));
        listener.Dispose();
        Assert.Null(listener.LocalPath);
        Assert.False(File.Exists(folder["s"]));
    }

    [Fact]
    public void Types_that_Unix_sockets_lack_are_refused()
    {
        using TempFolder folder = new();
        Assert.Throws<ArgumentOutOfRangeException>(() => UnixSockets.CreatePair(SocketType.Raw));
        Assert.Throws<ArgumentOutOfRangeException>(() => UnixSockets.Listen(SocketType.Rdm, folder.Address("s")));
        Assert.False(File.Exists(folder["s"]));
        Assert.Throws<NativeSocketException>(() => UnixSockets.Listen(SocketType.Dgram, folder.Address("s")));
        Assert.False(File.Exists(folder["s"]));
    }

    [Fact]
    public void A_unix_stream_is_closed_not_reset_and_sends_to_its_peer_only()
    {
        (NetSocket a, NetSocket b) = UnixSockets.CreatePair(SocketType.Stream);
        using (a)
        using (b)
        {
            Assert.Equal("EOPNOTSUPP", Assert.Throws<NativeSocketException>(((StreamSocket)a).Reset).Errno);
            Assert.False(a.IsClosed);
            NativeSocketException addressed = Assert.Throws<NativeSocketException>(() =>
            {
                ReadOnlySpan<byte> data = "x"u8;
                a.TrySend(ref data, UnixAddress.FromPath("/elsewhere"));
            });
            Assert.Equal("EISCONN", addressed.Errno);
            Assert.Contains("/elsewhere", addressed.Message, StringComparison.Ordinal);
            Assert.Null(a.LocalPath);
            Assert.Null(a.RemotePath);
        }
    }

    [Fact]
    public void Descriptors_travel_over_unix_sockets_only()
    {
        using TcpPair pair = new();
        NativeSocketException error = Assert.Throws<NativeSocketException>(
            () => pair.Client.SendHandles([pair.Server.Handle], "x"u8));
        Assert.Equal("EOPNOTSUPP", error.Errno);
        Assert.Contains("Only Unix sockets", error.Message, StringComparison.Ordinal);
        (NetSocket a, NetSocket b) = UnixSockets.CreatePair(SocketType.Stream);
        using (a)
        using (b)
        {
            Assert.Throws<ArgumentException>(() => a.SendHandles([pair.Server.Handle], default));
            Assert.Throws<ArgumentOutOfRangeException>(() => a.SendHandles([], "x"u8));
            a.SendHandles([pair.Server.Handle], "abc"u8);
            using SocketMessage message = b.Receive(Limit)!;
            Assert.Equal("abc", message.Text);
            NetSocket copy = Assert.IsType<StreamSocket>(Assert.Single(message.Handles));
            copy.Send("from the copy"u8);
            Assert.Equal("from the copy", pair.Client.Receive(Limit)!.Text);
        }
    }

    [Fact]
    public void Messages_that_are_given_back_come_again_in_their_order_by_every_way_to_receive()
    {
        Need.Linux();
        (NetSocket a, NetSocket b) = UnixSockets.CreatePair(SocketType.Seqpacket);
        using MessageSocket receiver = (MessageSocket)b;
        using (a)
        {
            foreach (string text in (string[])["1", "2", "3", "four", "5"])
            {
                a.Send(System.Text.Encoding.UTF8.GetBytes(text));
            }

            List<SocketMessage> taken = [];
            for (int i = 0; i < 4; i++)
            {
                taken.Add(receiver.Receive(Limit)!);
            }

            receiver.PutBack(taken.GetRange(1, 3));
            receiver.PutBack([taken[0]]);
            Assert.Equal("1", receiver.Receive(Limit)!.Text);
            byte[] buffer = new byte[2];
            Assert.True(receiver.Receive(buffer, out int length, Limit));
            Assert.Equal((byte)'2', buffer[0]);
            Assert.Equal(1, length);
            using MessageBatch batch = new(8, 2);
            Assert.True(receiver.Receive(batch, Limit));
            Assert.Equal("3"u8, batch[0]);
            Assert.Equal("fo"u8, batch[1]);
            Assert.Equal(4, batch.FullLength(1));

            // And then what the kernel has.
            Assert.Equal(3, batch.Count);
            Assert.Equal("5"u8, batch[2]);
            Assert.Throws<ArgumentOutOfRangeException>(() => batch.FullLength(3));
        }

        Assert.False(receiver.Receive(new byte[1], out _, Limit));
    }

    [Fact]
    public void A_batch_with_parts_tells_of_each_message_its_sender_its_process_and_its_descriptors()
    {
        Need.Linux();
        using TempFolder folder = new();
        using UnixDatagramSocket server = UnixSockets.CreateDatagram(folder.Address("s"), passCredential: true);
        using UnixDatagramSocket one = UnixSockets.CreateDatagram(folder.Address("one"));
        using UnixDatagramSocket two = UnixSockets.CreateDatagram(folder.Address("two"), folder.Address("s"));
        using MessageBatch batch = MessageBatch.WithParts(8);
        Queue<SocketMessage> messages = new();
        Assert.Equal(ReceiveStatus.Nothing, server.TryReceive(batch, 8, ReceiveRequest.Default, messages));
        one.SendTo("from one"u8, folder.Address("s"));
        two.SendHandles([server.Handle], "from two"u8);
        two.Send(default);
        Assert.Equal(
            ReceiveStatus.Message, server.TryReceive(batch, 8, new ReceiveRequest { MaximumLength = 4 }, messages));
        Assert.Equal(3, messages.Count);
        SocketMessage first = messages.Dequeue();
        Assert.Equal("from", first.Text);
        Assert.True(first.Truncated);
        Assert.Equal(8, first.FullLength);
        Assert.Equal(folder["one"], first.RemotePath);
        Assert.Equal(Environment.ProcessId, first.Credential!.OwningProcess);
        using SocketMessage second = messages.Dequeue();
        Assert.Equal(folder["two"], second.RemotePath);
        Assert.Equal(folder["s"], Assert.IsType<UnixDatagramSocket>(Assert.Single(second.Handles)).LocalPath);
        Assert.Equal(0, messages.Dequeue().Length);

        // What was given back goes before what the kernel has.
        two.Send("newer"u8);
        server.PutBack([first]);
        Assert.Equal(ReceiveStatus.Message, server.TryReceive(batch, 8, ReceiveRequest.Default, messages));
        Assert.Same(first, Assert.Single(messages));
    }

    [Fact]
    public void A_batch_to_send_tells_what_is_left_when_the_time_is_over_and_why_it_is_refused()
    {
        Need.Linux();
        (NetSocket a, NetSocket b) = UnixSockets.CreatePair(SocketType.Seqpacket);
        using MessageSocket sender = (MessageSocket)a;
        ReadOnlyMemory<byte>[] messages = new ReadOnlyMemory<byte>[5000];
        Array.Fill(messages, new byte[3000]);

        // Longer than the others, it goes alone, in its place.
        messages[1] = new byte[6000];
        SendTimeoutException late = Assert.Throws<SendTimeoutException>(
            () => sender.SendBatch(messages, timeout: TimeSpan.FromMilliseconds(20)));
        long sent = sender.BytesSent;
        int count = (int)((sent - 6000) / 3000) + 1;
        Assert.Contains($"{count} of 5000 messages were sent", late.Message, StringComparison.Ordinal);
        Assert.Equal(sent, late.BytesSent);
        Assert.Equal(3000, b.Receive(Limit)!.Length);
        Assert.Equal(6000, b.Receive(Limit)!.Length);

        // Unread messages make it a reset when they are left unread, no messages an end.
        NetKeepAlive.Descriptors.SharedSockets.Mark(b.Handle);
        b.Dispose();

        // A process that is just being started has a copy of every descriptor until it runs its program.
        Assert.True(sender.Socket.Poll(Limit, SelectMode.SelectRead));
        Assert.Equal(
            "ECONNRESET",
            Assert.Throws<NativeSocketException>(() => sender.SendBatch(messages.AsSpan(2, 2))).Errno);
        NativeSocketException gone =
            Assert.Throws<NativeSocketException>(() => sender.SendBatch(messages.AsSpan(2, 2)));
        Assert.Equal("EPIPE", gone.Errno);
        Assert.Contains("The peer has closed", gone.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Waits_end_with_their_time_and_say_for_what_it_was()
    {
        Need.Linux();
        using TempFolder folder = new();
        using UnixDatagramSocket server = UnixSockets.CreateDatagram(folder.Address("s"));
        using MessageBatch batch = new(2, 8);
        TimeSpan time = TimeSpan.FromMilliseconds(5);
        Assert.Contains(
            folder["s"], Assert.Throws<TimeoutException>(() => server.Receive(time)).Message, StringComparison.Ordinal);
        Assert.Throws<TimeoutException>(() => server.Receive(new byte[1], out _, time));
        Assert.Throws<TimeoutException>(() => server.Receive(batch, time));
        Assert.False(server.IsConnected);
        using UnixDatagramSocket client = UnixSockets.CreateDatagram(null);
        SendTimeoutException full = Assert.Throws<SendTimeoutException>(Fill);
        Assert.Contains(folder["s"], full.Message, StringComparison.Ordinal);
        server.Dispose();
        Assert.Throws<ObjectDisposedException>(() => server.Receive(batch));
        Assert.Equal(
            "ENOENT",
            Assert.Throws<NativeSocketException>(() => client.SendTo("x"u8, folder.Address("s"))).Errno);
        Assert.Equal("ENOTCONN", Assert.Throws<NativeSocketException>(() => client.Send("x"u8)).Errno);

        void Fill()
        {
            while (true)
            {
                client.SendTo("x"u8, folder.Address("s"), time);
            }
        }
    }
}
