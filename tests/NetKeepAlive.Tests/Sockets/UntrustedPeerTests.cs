using System;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using NetKeepAlive.Sockets;
using Xunit;

namespace NetKeepAlive.Tests.Sockets;

/// <summary>Descriptors that a peer sends unasked are closed, however its message is received.</summary>
public sealed class UntrustedPeerTests
{
    public UntrustedPeerTests() => Need.Linux();

    public enum Receiving
    {
        Message,
        Cut,
        Bytes,
        Batch,
        Events,
        Never,
    }

    [Theory]
    [InlineData(SocketType.Seqpacket, Receiving.Message)]
    [InlineData(SocketType.Seqpacket, Receiving.Cut)]
    [InlineData(SocketType.Seqpacket, Receiving.Bytes)]
    [InlineData(SocketType.Seqpacket, Receiving.Batch)]
    [InlineData(SocketType.Seqpacket, Receiving.Events)]
    [InlineData(SocketType.Seqpacket, Receiving.Never)]
    [InlineData(SocketType.Dgram, Receiving.Message)]
    [InlineData(SocketType.Dgram, Receiving.Cut)]
    [InlineData(SocketType.Dgram, Receiving.Bytes)]
    [InlineData(SocketType.Dgram, Receiving.Batch)]
    [InlineData(SocketType.Dgram, Receiving.Events)]
    [InlineData(SocketType.Dgram, Receiving.Never)]
    [InlineData(SocketType.Stream, Receiving.Message)]
    [InlineData(SocketType.Stream, Receiving.Cut)]
    [InlineData(SocketType.Stream, Receiving.Events)]
    [InlineData(SocketType.Stream, Receiving.Never)]
    public async System.Threading.Tasks.Task Descriptors_that_nobody_asked_for_are_closed(SocketType type, Receiving receiving)
    {
        // A pipe's reading end sees its end when the last descriptor of the writing end is closed.
        using System.IO.Pipes.AnonymousPipeServerStream pipe = new(System.IO.Pipes.PipeDirection.In);
        (NetSocket near, NetSocket far) = UnixSockets.CreatePair(type);
        SafeHandle[] handles = [.. Enumerable.Repeat<SafeHandle>(pipe.ClientSafePipeHandle, 253)];
        near.SendHandles(handles, new byte[100]);
        pipe.DisposeLocalCopyOfClientHandle();
        Receive(far, receiving);
        near.Dispose();
        far.Dispose();

        // It waits in vain while a descriptor is still open.
        System.Threading.Tasks.Task<int> end = pipe.ReadAsync(new byte[1]).AsTask();
        Eventually.Is(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return end.IsCompleted;
            },
            "the descriptors to be closed");
        Assert.Equal(0, await end);
    }

    [Fact]
    public void More_descriptors_than_a_message_can_carry_are_refused_before_any_goes()
    {
        (NetSocket near, NetSocket far) = UnixSockets.CreatePair(SocketType.Seqpacket);
        using (near)
        using (far)
        {
            SafeHandle[] handles = [.. Enumerable.Repeat<SafeHandle>(near.Handle, 254)];
            Assert.Throws<ArgumentOutOfRangeException>(() => near.SendHandles(handles, [0]));
            Assert.Throws<TimeoutException>(() => far.Receive(TimeSpan.Zero));
        }
    }

    [Fact]
    public void A_flood_of_descriptors_does_not_fill_the_table()
    {
        (NetSocket near, NetSocket far) = UnixSockets.CreatePair(SocketType.Seqpacket);
        using (near)
        using (far)
        {
            using SafeFileHandle file = File.OpenHandle("/dev/null");
            SafeHandle[] handles = [.. Enumerable.Repeat<SafeHandle>(file, 253)];
            int most = 0;
            for (int i = 0; i < 200; i++)
            {
                near.SendHandles(handles, [0]);
                Assert.Equal(253, far.Receive()!.Handles.Count);
                most = Math.Max(most, Directory.GetFileSystemEntries("/proc/self/fd").Length);
            }

            // 50,600 came. Other tests have thousands open too.
            Assert.InRange(most, 0, 25_000);
        }
    }

    private static void Receive(NetSocket socket, Receiving receiving)
    {
        switch (receiving)
        {
            case Receiving.Message:
                Assert.Equal(253, socket.Receive()!.Handles.Count);
                break;
            case Receiving.Cut:
                Assert.Equal(ReceiveStatus.Message, socket.TryReceive(
                    new ReceiveRequest { MaximumLength = 1 }, out SocketMessage? cut));
                Assert.Equal(1, cut!.Length);
                break;
            case Receiving.Bytes when socket is MessageSocket messages:
                messages.Receive(new byte[10], out _);
                break;
            case Receiving.Batch when socket is MessageSocket messages:
                using (MessageBatch batch = new(4, 1000))
                {
                    messages.Receive(batch);
                }

                break;
            case Receiving.Events:
                using (System.Threading.ManualResetEventSlim came = new())
                {
                    socket.DataReceived += (_, _) => came.Set();
                    Assert.True(came.Wait(TimeSpan.FromSeconds(20)));
                }

                break;
            default:
                break;
        }
    }
}
