using System;
using System.Collections.Concurrent;
using System.Reflection;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace NetKeepAlive.Tests.Sockets;

public sealed class SocketListenerEventsTests
{
    private static readonly TimeSpan Limit = TcpPair.Limit;

    [Fact]
    public void Accepting_ends_with_the_last_handler_and_who_connects_then_waits_to_be_accepted()
    {
        using TcpPair pair = new();
        BlockingCollection<NetSocket> got = [];
        void Handle(object? sender, SocketConnectionEventArgs args) => got.Add(args.Socket);
        pair.Listener.Connection += Handle;
        using StreamSocket first = pair.Connect();
        Assert.True(got.TryTake(out NetSocket? accepted, Limit));
        Assert.Equal(first.LocalPort, accepted.RemotePort);
        accepted.Dispose();

        pair.Listener.Connection -= Handle;
        using StreamSocket second = pair.Connect();
        using NetSocket taken = pair.Listener.Accept(Limit);
        Assert.Equal(second.LocalPort, taken.RemotePort);
        Assert.Empty(got);
    }

    // The thread that accepts is held where it has seen that it is to go on and has not accepted yet.
    [Fact]
    public void Who_connects_after_the_last_handler_is_removed_is_not_lost_to_an_accept_that_had_begun()
    {
        using TcpPair pair = new();
        object gate = typeof(SocketListener).GetField("_acceptGate", BindingFlags.Instance | BindingFlags.NonPublic)!
            .GetValue(pair.Listener)!;
        BlockingCollection<NetSocket> got = [];
        void Handle(object? sender, SocketConnectionEventArgs args) => got.Add(args.Socket);
        Thread removing = new(() => pair.Listener.Connection -= Handle);
        StreamSocket client;
        lock (gate)
        {
            long before = Monitor.LockContentionCount;
            pair.Listener.Connection += Handle;
            Eventually.Is(() => Monitor.LockContentionCount > before, "the loop to come to the gate");
            Thread.Sleep(100);
            removing.Start();
            Eventually.Is(
                () => removing.ThreadState.HasFlag(ThreadState.WaitSleepJoin),
                "the remover to wait for what is about to accept");
            client = pair.Connect();
        }

        using (client)
        {
            Assert.True(removing.Join(Limit));
            using NetSocket taken = pair.Listener.Accept(Limit);
            Assert.Equal(client.LocalPort, taken.RemotePort);
            Assert.Empty(got);
        }
    }

    [Fact]
    public void A_handler_can_remove_itself()
    {
        using TcpPair pair = new();
        BlockingCollection<NetSocket> got = [];
        void Handle(object? sender, SocketConnectionEventArgs args)
        {
            pair.Listener.Connection -= Handle;
            got.Add(args.Socket);
        }

        pair.Listener.Connection += Handle;
        using StreamSocket first = pair.Connect();
        Assert.True(got.TryTake(out NetSocket? accepted, Limit));
        Assert.Equal(first.LocalPort, accepted.RemotePort);
        accepted.Dispose();
        using StreamSocket second = pair.Connect();
        using NetSocket taken = pair.Listener.Accept(Limit);
        Assert.Equal(second.LocalPort, taken.RemotePort);
    }

    [Fact]
    public async Task A_suspended_listener_leaves_who_connects_in_the_queue()
    {
        using TcpPair pair = new();
        BlockingCollection<NetSocket> got = [];
        pair.Listener.Suspend();
        Assert.True(pair.Listener.IsSuspended);
        pair.Listener.Connection += (_, args) => got.Add(args.Socket);
        using StreamSocket client = pair.Connect();
        await Task.Delay(50);
        Assert.Empty(got);
        Assert.Throws<TimeoutException>(() => pair.Listener.Accept(TimeSpan.FromMilliseconds(20)));

        pair.Listener.Resume();
        Assert.True(got.TryTake(out NetSocket? accepted, Limit));
        Assert.Equal(client.LocalPort, accepted.RemotePort);
        accepted.Dispose();
    }

    [Fact]
    public void A_handler_that_throws_is_told_as_an_error_and_accepting_goes_on()
    {
        using TcpPair pair = new();
        BlockingCollection<string> errors = [];
        BlockingCollection<NetSocket> got = [];
        EventHandler<SocketErrorEventArgs> removed = (_, _) => errors.Add("removed");
        pair.Listener.ErrorOccurred += removed;
        pair.Listener.ErrorOccurred -= removed;
        pair.Listener.ErrorOccurred += (_, args) => errors.Add(args.Exception.Message);
        pair.Listener.Connection += (_, args) =>
        {
            got.Add(args.Socket);
            throw new InvalidOperationException("the handler failed");
        };
        for (int i = 0; i < 2; i++)
        {
            using StreamSocket client = pair.Connect();
            Assert.True(got.TryTake(out NetSocket? accepted, Limit));
            accepted.Dispose();
            Assert.True(errors.TryTake(out string? error, Limit));
            Assert.Equal("the handler failed", error);
        }
    }

    [Fact]
    public void A_listener_is_closed_only_when_the_last_of_its_connections_is()
    {
        using TcpPair pair = new();
        BlockingCollection<bool> told = [];
        EventHandler<SocketClosedEventArgs> removed = (_, _) => told.Add(true);
        pair.Listener.Closed += removed;
        pair.Listener.Closed += (_, args) => told.Add(args.HadError);
        pair.Listener.Closed -= removed;
        pair.Listener.Dispose();
        Assert.False(pair.Listener.IsListening);
        Assert.Null(pair.Listener.LocalPort);
        Assert.Empty(told);

        // What it has accepted lives on.
        pair.Client.Send("x"u8);
        Assert.Equal("x", pair.Server.Receive(Limit)!.Text);
        pair.Server.Dispose();
        Assert.True(told.TryTake(out bool hadError, Limit));
        Assert.False(hadError);
        pair.Listener.Dispose();
        Assert.Empty(told);
        Assert.Throws<ObjectDisposedException>(() => pair.Listener.Suspend());
        Assert.Throws<ObjectDisposedException>(() => pair.Listener.Connection += (_, _) => { });
        Assert.Throws<ObjectDisposedException>(() => pair.Listener.Accept(Limit));
    }

    [Fact]
    public void Removed_handlers_of_dropped_connections_hear_nothing()
    {
        using TcpPair pair = new();
        pair.Listener.MaxConnection = 1;
        BlockingCollection<string> told = [];
        EventHandler<SocketConnectionDroppedEventArgs> removed = (_, _) => told.Add("removed");
        pair.Listener.ConnectionDropped += removed;
        pair.Listener.ConnectionDropped += (_, args) => told.Add(args.Reason);
        pair.Listener.ConnectionDropped -= removed;
        using StreamSocket extra = pair.Connect();

        // Its last acknowledgement may be handled later than its connect returns.
        Eventually.Is(
            () =>
            {
                Assert.Throws<TimeoutException>(() => pair.Listener.Accept(TimeSpan.FromMilliseconds(50)));
                return told.Count > 0;
            },
            "the connection to be turned away");
        Assert.Null(extra.Receive(Limit));
        Assert.Contains("open connections is 1", Assert.Single(told), StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => pair.Listener.MaxConnection = -1);
    }

    [Fact]
    public void A_wait_for_a_connection_ends_with_its_time_its_token_and_its_listener()
    {
        using TcpPair pair = new();
        TimeoutException error =
            Assert.Throws<TimeoutException>(() => pair.Listener.Accept(TimeSpan.FromMilliseconds(20)));
        Assert.Contains($"127.0.0.1:{pair.Listener.LocalPort}", error.Message, StringComparison.Ordinal);
        using CancellationTokenSource cancel = new(20);
        Assert.ThrowsAny<OperationCanceledException>(() => pair.Listener.Accept(null, cancel.Token));
        using Timer close = new(_ => pair.Listener.Dispose(), null, 20, Timeout.Infinite);
        Assert.Throws<ObjectDisposedException>(() => pair.Listener.Accept(Limit));
    }
}
