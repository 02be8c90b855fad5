using System;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace NetKeepAlive.Tests.Descriptors;

/// <summary>A descriptor that came by SCM_RIGHTS shares its connection with whoever sent it. However our copy goes, the
/// other holder goes on talking and ends the connection in order. The holders are two descriptors of this process,
/// which to the kernel is the same as two processes.</summary>
public sealed class SharedDescriptorTests
{
    public enum Ending
    {
        Dispose,
        DisposeTwice,
        DisposeWhileWaiting,
        DisposeWithEvents,
        DisposeAfterSocketWasUsed,
        Finalize,
        FinalizeAfterSocketWasUsed,
        FinalizeMessage,
    }

    [Theory]
    [InlineData(Ending.Dispose)]
    [InlineData(Ending.DisposeTwice)]
    [InlineData(Ending.DisposeWhileWaiting)]
    [InlineData(Ending.DisposeWithEvents)]
    [InlineData(Ending.DisposeAfterSocketWasUsed)]
    [InlineData(Ending.Finalize)]
    [InlineData(Ending.FinalizeAfterSocketWasUsed)]
    [InlineData(Ending.FinalizeMessage)]
    public void The_other_holder_of_a_connection_goes_on_and_ends_in_order(Ending ending)
    {
        using Connection tcp = new();
        End(tcp.Server.SafeHandle, ending);
        Talk(tcp.Server, tcp.Client);
        tcp.Server.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, tcp.Client.Receive(new byte[1]));
        tcp.Client.Send([7]);
        Assert.Equal(1, tcp.Server.Receive(new byte[1]));

        // The option that would turn the last close into a reset is not set.
        Assert.False(tcp.Server.LingerState!.Enabled);
    }

    [Theory]
    [InlineData(Ending.Dispose)]
    [InlineData(Ending.DisposeWhileWaiting)]
    [InlineData(Ending.Finalize)]
    public void The_other_holder_of_a_Unix_stream_goes_on(Ending ending)
    {
        (NetSocket near, NetSocket far) = UnixSockets.CreatePair(SocketType.Stream);
        End(near.Handle, ending);
        Talk(near.Socket, far.Socket);
        near.Dispose();
        Assert.Equal(0, far.Socket.Receive(new byte[1]));
        far.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_other_holder_of_a_listener_goes_on_listening(bool finalize)
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(4);
        EndListener(listener.SafeHandle, finalize);
        using Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(listener.LocalEndPoint!);
        Assert.True(listener.Poll(TimeSpan.FromSeconds(20), SelectMode.SelectRead));
        using Socket server = listener.Accept();
        Assert.False(server.LingerState!.Enabled, "accepted connections inherit it");
        Talk(server, client);
    }

    [Fact]
    public void A_connection_that_was_handed_over_goes_on_when_the_giver_closes_it_while_it_waits()
    {
        using Connection tcp = new();
        (NetSocket near, NetSocket far) = UnixSockets.CreatePair(SocketType.Dgram);
        using NetSocket given = Imported(tcp.Server.SafeHandle);
        near.SendHandles([given.Handle], [0]);
        using SocketMessage message = far.Receive()!;
        using StreamSocket taken = Assert.IsType<StreamSocket>(Assert.Single(message.TakeHandles()));
        DisposeWhileWaiting(given);
        Talk(taken.Socket, tcp.Client);
        near.Dispose();
        far.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_that_was_sent_is_lost_when_a_socket_with_events_is_closed(bool withEvents)
    {
        using Connection tcp = new();
        NetSocket socket = Imported(tcp.Server.SafeHandle);
        tcp.Server.Dispose();
        if (withEvents)
        {
            socket.DataReceived += static (_, _) => { };
            await Task.Delay(50);
        }

        byte[] data = new byte[4_000_000];
        Task sending = Task.Run(() =>
        {
            socket.Send(data);
            socket.Dispose();
        });
        int received = 0;
        int length;
        byte[] buffer = new byte[100_000];
        while ((length = tcp.Client.Receive(buffer)) > 0)
        {
            received += length;
        }

        await sending;
        Assert.Equal(data.Length, received);
    }

    [Fact]
    public void A_connection_that_nobody_closed_ends_without_a_reset()
    {
        using Connection tcp = new();
        Forget(tcp.Server.SafeHandle);
        tcp.Server.Close();
        Collect();
        Assert.Equal(0, tcp.Client.Receive(new byte[1]));
    }

    private static void Talk(Socket a, Socket b)
    {
        a.Send([1, 2, 3]);
        Assert.Equal(3, b.Receive(new byte[9]));
        b.Send([4, 5]);
        Assert.Equal(2, a.Receive(new byte[9]));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void End(SafeHandle handle, Ending ending)
    {
        EndOne(handle, ending);
        if (ending is Ending.Finalize or Ending.FinalizeAfterSocketWasUsed or Ending.FinalizeMessage)
        {
            Collect();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void EndOne(SafeHandle handle, Ending ending)
    {
        if (ending is Ending.FinalizeMessage)
        {
            _ = Message(handle);
            return;
        }

        NetSocket copy = Imported(handle);
        switch (ending)
        {
            case Ending.DisposeTwice:
                copy.Dispose();
                copy.Dispose();
                break;
            case Ending.Dispose:
                copy.Dispose();
                break;
            case Ending.DisposeWhileWaiting:
                DisposeWhileWaiting(copy);
                break;
            case Ending.DisposeWithEvents:
                copy.DataReceived += static (_, _) => { };
                Thread.Sleep(50);
                copy.Dispose();
                break;
            case Ending.DisposeAfterSocketWasUsed:
                _ = copy.Socket.ReceiveAsync(new byte[1], SocketFlags.None);
                copy.Dispose();
                break;
            case Ending.FinalizeAfterSocketWasUsed:
                _ = copy.Socket.Available;
                break;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void EndListener(SafeHandle handle, bool finalize)
    {
        EndOneListener(handle, finalize);
        if (finalize)
        {
            Collect();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void EndOneListener(SafeHandle handle, bool finalize)
    {
        SocketListener copy = Assert.IsType<SocketListener>(Assert.Single(Message(handle).TakeHandles()));
        if (!finalize)
        {
            copy.Connection += static (_, _) => { };
            Thread.Sleep(50);
            copy.Dispose();
        }
    }

    private static void DisposeWhileWaiting(NetSocket socket)
    {
        Task<Exception?> error = null!;
        Task waiter = Eventually.Waits(() => error = Task.FromResult<Exception?>(Record.Exception(() => socket.Receive())));
        socket.Dispose();
        Assert.True(waiter.Wait(TcpPair.Limit));
        Assert.IsType<ObjectDisposedException>(error.Result);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Forget(SafeHandle handle) => _ = Imported(handle);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static NetSocket Imported(SafeHandle handle) =>
        Assert.IsType<NetSocket>(Assert.Single(Message(handle).TakeHandles()), exactMatch: false);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static SocketMessage Message(SafeHandle handle)
    {
        (NetSocket near, NetSocket far) = UnixSockets.CreatePair(SocketType.Dgram);
        near.SendHandles([handle], [0]);
        SocketMessage message = far.Receive()!;
        near.Dispose();
        far.Dispose();
        return message;
    }

    private static void Collect()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
