using System;
using System.Net.Sockets;
using System.Threading.Tasks;
using NetKeepAlive.Interop;
using Xunit;

namespace NetKeepAlive.Tests.Sockets;

/// <summary>What a connection tells of itself when nobody reads and no event has a handler.</summary>
public sealed class UnwatchedConnectionTests
{
    private static readonly TimeSpan Limit = TcpPair.Limit;

    [Fact]
    public void Of_a_peer_that_closed_or_reset_it()
    {
        using TcpPair pair = new();
        pair.Client.AllowHalfOpen = false;
        pair.Server.Dispose();
        Eventually.Is(() => pair.Client.IsClosed, "the end to be seen");
        Assert.Equal(SocketState.Closed, pair.Client.State);

        using TcpPair other = new();
        Assert.Equal(1, other.Listener.ConnectionCount);
        Assert.Equal(SocketState.Open, other.Server.State);
        other.Client.Reset();
        Eventually.Is(() => other.Server.State == SocketState.Closed, "the end to be seen");
        Assert.True(other.Server.IsClosed);
        Assert.Equal(0, other.Listener.ConnectionCount);
    }

    [Fact]
    public void The_listener_counts_no_connection_whose_peer_has_gone_and_the_next_has_its_place()
    {
        using TcpPair pair = new();
        pair.Listener.MaxConnection = 1;
        pair.Client.Reset();
        Eventually.Is(() => pair.Listener.ConnectionCount == 0, "the end to be seen");

        using StreamSocket second = pair.Connect();
        using NetSocket admitted = pair.Listener.Accept(Limit);
        second.Reset();

        // Nobody asks in between but the kernel, which may handle the reset later.
        Eventually.Is(() => Libc.Tells(admitted.Handle, Abi.Current.PollEnd), "the reset to arrive");
        using StreamSocket third = pair.Connect();
        using NetSocket next = pair.Listener.Accept(Limit);
        Assert.Equal(third.LocalPort, next.RemotePort);
        Assert.True(admitted.IsClosed);
    }

    [Fact]
    public void When_both_sides_have_ended_sending_it_is_closed()
    {
        using TcpPair pair = new();
        pair.Server.Shutdown(SocketShutdown.Send);
        pair.Client.Shutdown(SocketShutdown.Send);
        Eventually.Is(() => pair.Server.State == SocketState.Closed, "the end to be seen");
        Eventually.Is(() => pair.Client.State == SocketState.Closed, "the end to be seen");
        Assert.Equal(0, pair.Listener.ConnectionCount);
    }

    [Fact]
    public void What_came_before_the_end_stays_to_be_received()
    {
        using TcpPair pair = new();
        pair.Client.Send("last"u8);
        pair.Client.Shutdown(SocketShutdown.Send);
        Eventually.Is(() => pair.Server.State == SocketState.WriteOnly, "the end to be seen");
        Assert.False(pair.Server.IsClosed);
        Assert.Equal(1, pair.Listener.ConnectionCount);
        pair.Server.Send("answer"u8);
        Assert.Equal("answer", pair.Client.Receive(Limit)!.Text);
        Assert.Equal("last", pair.Server.Receive(Limit)!.Text);
        Assert.Null(pair.Server.Receive(Limit));
    }

    [Fact]
    public async Task A_handler_that_comes_after_a_look_is_told()
    {
        using TcpPair pair = new();
        pair.Client.Send("last"u8);
        pair.Client.Shutdown(SocketShutdown.Send);
        Eventually.Is(() => pair.Server.State == SocketState.WriteOnly, "the end to be seen");
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        pair.Server.Ended += (_, _) => ended.SetResult();
        await ended.Task.WaitAsync(Limit);
    }

    [Fact]
    public void Who_has_ended_receiving_can_go_on_sending()
    {
        using TcpPair pair = new();
        pair.Server.Shutdown(SocketShutdown.Receive);
        Assert.Equal(SocketState.WriteOnly, pair.Server.State);
        Assert.False(pair.Server.IsClosed);
        pair.Server.Send("still"u8);
        Assert.Equal("still", pair.Client.Receive(Limit)!.Text);
        Assert.Equal(SocketState.WriteOnly, pair.Server.State);
    }

    [Fact]
    public void A_suspended_connection_is_left_alone()
    {
        using TcpPair pair = new();
        pair.Server.AllowHalfOpen = false;
        pair.Server.Suspend();
        pair.Client.Dispose();
        Assert.Equal(SocketState.Open, pair.Server.State);
        pair.Server.Resume();
        Eventually.Is(() => pair.Server.State == SocketState.Closed, "the end to be seen");
    }
}
