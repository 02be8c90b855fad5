using System;
using System.Collections.Concurrent;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Win32.SafeHandles;
using NetKeepAlive.Options;
using NetKeepAlive.Sockets;
using NetKeepAlive.Sockets.Streams;
using NetKeepAlive.Waiting;
using Xunit;

namespace NetKeepAlive.Tests.Sockets;

/// <summary>What is done in part is told, and what was not asked for stays or is closed.</summary>
public sealed class PartialWorkTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public PartialWorkTests() => Need.Linux();

    [Fact]
    public void A_send_whose_time_is_over_says_how_much_went()
    {
        (NetSocket near, NetSocket far) = UnixSockets.CreatePair(SocketType.Stream);
        using (near)
        using (far)
        {
            byte[] data = new byte[5_000_000];
            SendTimeoutException error = Assert.Throws<SendTimeoutException>(
                () => near.Send(data, TimeSpan.FromMilliseconds(50)));
            Assert.InRange(error.BytesSent, 1, data.Length - 1);
            Assert.Equal(near.BytesSent, error.BytesSent);
            Assert.Equal(data.Length, error.Length);
            Assert.Contains($"{error.BytesSent} of {data.Length} bytes", error.Message, StringComparison.Ordinal);
            Assert.Contains("within 50 ms", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_send_that_fails_in_the_middle_says_how_much_went(bool ofAFile)
    {
        using TcpPair pair = new();
        using TempFolder folder = new();
        const int Length = 50_000_000;
        Task sending = Task.Run(() =>
        {
            if (!ofAFile)
            {
                pair.Server.Send(new byte[Length], Limit);
                return;
            }

            using SafeFileHandle file = File.OpenHandle(folder["f"], FileMode.Create, FileAccess.ReadWrite);
            RandomAccess.SetLength(file, Length);
            using WaitLoop waiting = new(Limit, CancellationToken.None);
            pair.Server.SendFile(file, 0, Length, waiting, static _ => { });
        });
        for (int got = 0; got < 1_000_000;)
        {
            got += pair.Client.Receive(Limit)!.Length;
        }

        pair.Client.Reset();
        NativeSocketException failed = await Assert.ThrowsAsync<NativeSocketException>(() => sending);
        Assert.InRange(failed.BytesSent ?? 0, 1_000_000, Length - 1);
        Assert.Equal(pair.Server.BytesSent, failed.BytesSent);
        Assert.Contains($"{failed.BytesSent} of {Length} bytes", failed.Message, StringComparison.Ordinal);
        Assert.Null(Assert.Throws<NativeSocketException>(() => pair.Server.Send("x"u8)).BytesSent);
    }

    [Fact]
    public void Descriptors_behind_an_unfinished_line_are_one_message_s_worth_and_the_loss_is_told()
    {
        (NetSocket near, NetSocket far) = UnixSockets.CreatePair(SocketType.Stream);
        using (near)
        using (far)
        {
            using SafeFileHandle file = File.OpenHandle("/dev/null");
            SafeHandle[] handles = [.. Enumerable.Repeat<SafeHandle>(file, 253)];
            ReceiveRequest line = new() { Delimiter = Delimiter.Line(Encoding.UTF8), MaximumLength = 100 };
            for (int i = 0; i < 40; i++)
            {
                near.SendHandles(handles, "x"u8, timeout: Limit);
                Assert.Equal(ReceiveStatus.Nothing, far.TryReceive(line, out _));
            }

            near.Send("\n"u8);
            Assert.Equal(ReceiveStatus.Message, far.TryReceive(line, out SocketMessage? message));
            using (message)
            {
                Assert.Equal(253, message!.Handles.Count);
                Assert.True(message.HandlesLost);
                Assert.Equal(new string('x', 40), message.Text);
            }
        }
    }

    [Fact]
    public void Descriptors_that_wait_for_their_handlers_are_one_message_s_worth_and_the_loss_is_told()
    {
        (NetSocket near, NetSocket far) = UnixSockets.CreatePair(SocketType.Seqpacket);
        using (near)
        using (far)
        {
            using SafeFileHandle file = File.OpenHandle("/dev/null");
            SafeHandle[] handles = [.. Enumerable.Repeat<SafeHandle>(file, 200)];
            BlockingCollection<SocketMessage> queue = [];
            far.DataReceived += (_, message) => queue.Add(message);
            SocketMessage[] messages = new SocketMessage[5];
            for (int i = 0; i < messages.Length; i++)
            {
                near.SendHandles(handles, default, timeout: Limit);
                Assert.True(queue.TryTake(out messages[i]!, Limit));
            }

            Assert.Equal([false, true, true, true, true], messages.Select(static it => it.HandlesLost));
            Assert.Equal([200, 53, 0, 0, 0], messages.Select(static it => it.Handles.Count));

            // Who asks has them, and others may wait again.
            near.SendHandles(handles, default, timeout: Limit);
            Assert.True(queue.TryTake(out SocketMessage? next, Limit));
            Assert.Equal(200, next!.Handles.Count);
            Array.ForEach([.. messages, next], static it => it.Dispose());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Bytes_before_descriptors_stay_to_be_received(bool withCredentials)
    {
        (NetSocket near, NetSocket far) = UnixSockets.CreatePair(SocketType.Stream);
        using (near)
        using (far)
        {
            SocketOptions.PassCredential.Set(far.Handle, withCredentials);
            ReceiveRequest handles = new() { WantsHandles = true };
            Assert.Equal(ReceiveStatus.Nothing, far.TryReceive(handles, out _));
            near.Send("bytes "u8);
            near.Send("before"u8);
            Assert.Equal(
                "EPROTO", Assert.Throws<NativeSocketException>(() => far.TryReceive(handles, out _)).Errno);
            near.SendHandles([near.Handle], "carrier"u8);
            near.Send("after"u8);
            Assert.Equal(ReceiveStatus.Message, far.TryReceive(handles, out SocketMessage? message));
            using (message)
            {
                Assert.Single(message!.Handles);
                Assert.Equal("carrier", message.Text);
            }

            Assert.Equal("bytes before", far.Receive(Limit)!.Text);
            Assert.Equal("after", far.Receive(Limit)!.Text);
        }
    }

    // They are there, but not what is waited for: the wait must neither spin nor outlast its time.
    [Fact]
    public void Bytes_that_a_line_left_over_end_no_wait_for_descriptors()
    {
        (NetSocket near, NetSocket far) = UnixSockets.CreatePair(SocketType.Stream);
        using (near)
        using (far)
        {
            ReceiveRequest line = new() { Delimiter = Delimiter.Line(Encoding.UTF8) };
            ReceiveRequest handles = new() { WantsHandles = true };
            near.Send("a line\nand more"u8);
            Assert.Equal(ReceiveStatus.Message, far.TryReceive(line, out _));
            Assert.Equal(ReceiveStatus.Nothing, far.TryReceive(handles, out _));
            using Readiness readiness = new(CancellationToken.None);
            Assert.False(readiness.Wait(far, WaitDirection.Receive, Deadline.After(TimeSpan.FromMilliseconds(50))));
            near.SendHandles([near.Handle], "!"u8, timeout: Limit);
            Assert.True(readiness.Wait(far, WaitDirection.Receive, Deadline.After(Limit)));
            Assert.Equal(ReceiveStatus.Message, far.TryReceive(handles, out SocketMessage? message));
            using (message)
            {
                Assert.True(message!.HasHandles);
                Assert.Equal("and more", far.Receive(Limit)!.Text);
            }
        }
    }

    [Fact]
    public void An_empty_message_with_descriptors_is_sent_where_there_are_messages()
    {
        foreach (SocketType type in (SocketType[])[SocketType.Seqpacket, SocketType.Dgram])
        {
            (NetSocket near, NetSocket far) = UnixSockets.CreatePair(type);
            using (near)
            using (far)
            {
                near.SendHandles([near.Handle], default);
                using SocketMessage message = far.Receive(Limit)!;
                Assert.Equal(0, message.Length);
                Assert.Single(message.Handles);
            }
        }
    }

    [Fact]
    public void An_empty_message_is_no_end_though_somebody_takes_the_mark_away()
    {
        (NetSocket near, NetSocket far) = UnixSockets.CreatePair(SocketType.Seqpacket);
        using (near)
        using (far)
        {
            using MessageBatch batch = new(4, 10);
            byte[] buffer = new byte[10];
            near.Send("a"u8);
            Assert.Equal("a", far.Receive(Limit)!.Text);
            foreach (Func<int> receive in (Func<int>[])
            [
                () => far.Receive(Limit)!.Length,
                () => ((MessageSocket)far).Receive(buffer, out int length, Limit) ? length : -1,
                () => ((MessageSocket)far).Receive(batch, Limit) ? batch.FullLength(0) : -1,
            ])
            {
                SocketOptions.Timestamp.Set(far.Handle, false);
                near.Send(default);
                Assert.Equal(0, receive());
                near.Send(default);
                Assert.Equal(0, receive());
            }

            near.Dispose();
            Assert.Null(far.Receive(Limit));
        }
    }

    [Fact]
    public void Half_a_character_belongs_to_its_own_text()
    {
        (NetSocket near, NetSocket far) = UnixSockets.CreatePair(SocketType.Stream);
        using (near)
        using (far)
        {
            ReceiveRequest line = new() { Delimiter = Delimiter.Line(Encoding.UTF8) };
            near.Send([0x61, 0xC3, 0x0A, .. "QUIT\n"u8]);
            Assert.Equal(ReceiveStatus.Message, far.TryReceive(line, out SocketMessage? broken));
            Assert.Equal("a\uFFFD", broken!.Text);
            Assert.Equal(ReceiveStatus.Message, far.TryReceive(line, out SocketMessage? quit));
            Assert.Equal("QUIT", quit!.Text);
            near.Send([0x62, 0xC3]);
            Assert.Equal("b", far.Receive(Limit)!.Text);
            near.Shutdown(SocketShutdown.Send);
            SocketMessage last = far.Receive(Limit)!;
            Assert.Equal(0, last.Length);
            Assert.Equal("\uFFFD", last.Text);
            Assert.Null(far.Receive(Limit));
        }
    }

    [Fact]
    public void Base64_over_chunks_is_one_text()
    {
        (NetSocket near, NetSocket far) = UnixSockets.CreatePair(SocketType.Stream);
        using (near)
        using (far)
        {
            ReceiveRequest request = new() { Encoding = Base64Encoding.Instance };
            near.Send([1, 2, 3, 4]);
            Assert.Equal(ReceiveStatus.Message, far.TryReceive(request, out SocketMessage? first));
            Assert.Equal("AQID", first!.Text);
            near.Send([5, 6]);
            Assert.Equal(ReceiveStatus.Message, far.TryReceive(request, out SocketMessage? second));
            Assert.Equal("BAUG", second!.Text);
            near.Send([7]);
            Assert.Equal(ReceiveStatus.Message, far.TryReceive(request, out SocketMessage? third));
            Assert.Equal(string.Empty, third!.Text);
            near.Shutdown(SocketShutdown.Send);
            Assert.Equal(ReceiveStatus.Message, far.TryReceive(request, out SocketMessage? last));
            Assert.Equal("Bw==", last!.Text);
            Assert.Equal(ReceiveStatus.End, far.TryReceive(request, out _));
        }
    }

    [Fact]
    public void What_a_line_left_over_is_in_the_stream()
    {
        using TcpPair pair = new();
        ReceiveRequest line = new() { Delimiter = Delimiter.Line(Encoding.UTF8) };
        pair.Client.Send("line\nrest"u8);
        using Stream stream = pair.Server.GetStream();
        SocketMessage? message;
        while (pair.Server.TryReceive(line, out message) is ReceiveStatus.Nothing)
        {
        }

        Assert.Equal("line", message!.Text);
        byte[] buffer = new byte[10];
        Assert.Equal("rest", Encoding.ASCII.GetString(buffer, 0, stream.Read(buffer)));
        pair.Client.Send("more"u8);
        Assert.Equal("more", Encoding.ASCII.GetString(buffer, 0, stream.ReadAtLeast(buffer, 4)));
    }
}
