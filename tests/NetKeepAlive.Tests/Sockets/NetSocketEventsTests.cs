using System;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Linq.Expressions;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace NetKeepAlive.Tests.Sockets;

public sealed class NetSocketEventsTests
{
    private static readonly TimeSpan Limit = TcpPair.Limit;

    [Fact]
    public async Task Reading_ends_with_the_last_handler_and_what_comes_then_is_there_to_receive()
    {
        using TcpPair pair = new();
        TaskCompletionSource<string> got = new(TaskCreationOptions.RunContinuationsAsynchronously);
        void Handle(object? sender, SocketMessage chunk) => got.TrySetResult(chunk.Text);
        pair.Server.DataReceived += Handle;
        pair.Client.Send("one"u8);
        Assert.Equal("one", await got.Task.WaitAsync(Limit));

        pair.Server.DataReceived -= Handle;
        pair.Client.Send("two"u8);
        Assert.Equal("two", pair.Server.Receive(Limit)!.Text);
    }

    [Fact]
    public async Task A_suspended_socket_raises_nothing_and_all_of_it_when_resumed()
    {
        using TcpPair pair = new();
        BlockingCollection<string> got = [];
        pair.Server.Suspend();
        Assert.True(pair.Server.IsSuspended);
        pair.Server.DataReceived += (_, chunk) => got.Add(chunk.Text);
        pair.Client.Send("kept"u8);
        await Task.Delay(50);
        Assert.Empty(got);

        pair.Server.Resume();
        Assert.False(pair.Server.IsSuspended);
        Assert.True(got.TryTake(out string? text, Limit));
        Assert.Equal("kept", text);
    }

    [Fact]
    public void A_suspension_with_a_duration_ends_by_itself()
    {
        using TcpPair pair = new();
        BlockingCollection<string> got = [];
        pair.Server.Suspend();
        pair.Server.Suspend(TimeSpan.FromMilliseconds(30));
        pair.Server.DataReceived += (_, chunk) => got.Add(chunk.Text);
        pair.Client.Send("later"u8);
        Assert.True(got.TryTake(out string? text, Limit));
        Assert.Equal("later", text);
        Assert.False(pair.Server.IsSuspended);
    }

    [Fact]
    public void Of_two_suspensions_the_later_one_counts_though_the_time_of_the_first_is_over_just_then()
    {
        using TcpPair pair = new();
        for (int round = 0; round < Rounds.Of(300); round++)
        {
            TimeSpan brief = TimeSpan.FromMilliseconds(1);
            long begin = Stopwatch.GetTimestamp();
            pair.Server.Suspend(brief);
            while (Stopwatch.GetElapsedTime(begin) < brief)
            {
                Thread.SpinWait(10);
            }

            pair.Server.Suspend();
            Thread.Yield();
            Assert.True(pair.Server.IsSuspended);
            pair.Server.Resume();
        }
    }

    [Fact]
    public void Two_first_handlers_at_once_make_one_reader()
    {
        for (int round = 0; round < Rounds.Of(100); round++)
        {
            using TcpPair pair = new();
            static void Handle(object? sender, SocketMessage chunk)
            {
            }

            using Barrier together = new(2);
            Parallel.For(0, 2, new ParallelOptions { MaxDegreeOfParallelism = 2 }, _ =>
            {
                together.SignalAndWait(TimeSpan.FromMilliseconds(200));
                pair.Server.DataReceived += Handle;
            });
            pair.Server.DataReceived -= Handle;
            pair.Server.DataReceived -= Handle;
            pair.Client.Send("kept"u8);
            Assert.Equal("kept", pair.Server.Receive(Limit)!.Text);
        }
    }

    [Fact]
    public async Task A_reset_is_told_as_an_error_and_closes_the_socket_with_one()
    {
        using TcpPair pair = new();
        TaskCompletionSource<Exception> error = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource<bool> closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        pair.Server.ErrorOccurred += (_, args) => error.TrySetResult(args.Exception);
        pair.Server.Closed += (_, args) => closed.TrySetResult(args.HadError);
        pair.Server.DataReceived += (_, _) => { };
        pair.Client.Reset();

        NativeSocketException told = Assert.IsType<NativeSocketException>(await error.Task.WaitAsync(Limit));
        Assert.Equal("ECONNRESET", told.Errno);
        Assert.Contains("127.0.0.1:", told.Message, StringComparison.Ordinal);
        Assert.True(await closed.Task.WaitAsync(Limit));
        Assert.True(pair.Server.IsClosed);
    }

    [Fact]
    public void Closing_is_told_once_and_without_an_error()
    {
        using TcpPair pair = new();
        ConcurrentQueue<bool> told = [];
        EventHandler<SocketClosedEventArgs> removed = (_, _) => throw new InvalidOperationException("removed");
        pair.Client.Closed += removed;
        pair.Client.Closed += (_, args) => told.Enqueue(args.HadError);
        pair.Client.Closed -= removed;
        pair.Client.Dispose();
        pair.Client.Dispose();
        Assert.False(Assert.Single(told));
    }

    [Fact]
    public async Task A_handler_that_throws_is_told_as_an_error_and_reading_goes_on()
    {
        using TcpPair pair = new();
        ConcurrentQueue<string> errors = [];
        TaskCompletionSource<string> second = new(TaskCreationOptions.RunContinuationsAsynchronously);
        pair.Server.ErrorOccurred += (_, args) =>
        {
            errors.Enqueue(args.Exception.Message);
            throw new InvalidOperationException("nobody is left to tell");
        };
        TaskCompletionSource first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        pair.Server.DataReceived += (_, chunk) =>
        {
            if (chunk.Sequence == 1)
            {
                first.SetResult();
                throw new InvalidOperationException("the handler failed");
            }

            second.TrySetResult(chunk.Text);
        };
        pair.Client.Send("a"u8);
        await first.Task.WaitAsync(Limit);
        pair.Client.Send("b"u8);
        Assert.Equal("b", await second.Task.WaitAsync(Limit));
        Assert.Equal("the handler failed", Assert.Single(errors));
        Assert.False(pair.Server.IsClosed);
    }

    [Fact]
    public async Task What_a_removed_handler_left_goes_to_the_next_and_nothing_spins()
    {
        (NetSocket a, NetSocket b) = UnixSockets.CreatePair(SocketType.Stream);
        using (a)
        using (b)
        {
            TaskCompletionSource left = new(TaskCreationOptions.RunContinuationsAsynchronously);
            void Leave(object? sender, SocketMessage chunk)
            {
                b.DataReceived -= Leave;
                b.PutBack([chunk]);
                left.SetResult();
            }

            b.DataReceived += Leave;
            a.Send("kept"u8);
            await left.Task.WaitAsync(Limit);
            TaskCompletionSource<string> got = new(TaskCreationOptions.RunContinuationsAsynchronously);
            b.DataReceived += (_, chunk) => got.TrySetResult(chunk.Text);
            Assert.Equal("kept", await got.Task.WaitAsync(Limit));
        }
    }

    [Fact]
    public async Task The_end_is_told_once_and_a_removed_handler_not_at_all()
    {
        using TcpPair pair = new();
        int told = 0;
        EventHandler removed = (_, _) => Interlocked.Add(ref told, 100);
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        pair.Server.Ended += removed;
        pair.Server.Ended += (_, _) =>
        {
            Interlocked.Increment(ref told);
            ended.TrySetResult();
        };
        pair.Server.Ended -= removed;
        pair.Server.DataReceived += (_, _) => { };
        pair.Client.Shutdown(SocketShutdown.Send);
        await ended.Task.WaitAsync(Limit);
        Assert.Null(pair.Server.Receive(Limit));
        Assert.Equal(1, told);
    }

    [Fact]
    public async Task Silence_is_told_once_and_again_after_traffic_and_closes_nothing()
    {
        using TcpPair pair = new();
        int told = 0;
        using SemaphoreSlim raised = new(0);
        EventHandler removed = (_, _) => Interlocked.Add(ref told, 100);
        pair.Server.IdleTimeout += removed;
        pair.Server.IdleTimeout -= removed;
        pair.Server.IdleTimeout += (_, _) =>
        {
            Interlocked.Increment(ref told);
            raised.Release();
        };
        pair.Server.IdleLimit = TimeSpan.FromMilliseconds(30);
        Assert.Equal(TimeSpan.FromMilliseconds(30), pair.Server.IdleLimit);
        Assert.True(await raised.WaitAsync(Limit));
        Assert.False(await raised.WaitAsync(TimeSpan.FromMilliseconds(200)));
        pair.Server.Send("still open"u8);
        Assert.Equal("still open", pair.Client.Receive(Limit)!.Text);
        Assert.True(await raised.WaitAsync(Limit));
        Assert.Equal(2, told);

        pair.Server.IdleLimit = TimeSpan.Zero;
        Assert.Equal(TimeSpan.Zero, pair.Server.IdleLimit);
    }

    [Fact]
    public async Task Traffic_puts_silence_off()
    {
        using TcpPair pair = new();
        TaskCompletionSource<long> told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        pair.Server.IdleTimeout += (_, _) => told.TrySetResult(Environment.TickCount64);

        // A machine that is late may make a silence of its own: what counts is the longest one before it was told.
        long begun = Environment.TickCount64;
        long longest = 0;
        pair.Server.IdleLimit = TimeSpan.FromMilliseconds(200);
        for (int i = 0; i < 5 && !told.Task.IsCompleted; i++)
        {
            await Task.Delay(60);
            long before = Environment.TickCount64;
            pair.Server.Send("x"u8);
            longest = Math.Max(longest, Environment.TickCount64 - begun);
            begun = before;
        }

        longest = Math.Max(longest, await told.Task.WaitAsync(Limit) - begun);

        // The clock ticks in steps of up to 16 ms.
        Assert.InRange(longest, 180, long.MaxValue);
    }

    // Reading for nobody gives back what comes, and finds it there at once.
    [Fact]
    public void Adding_no_handler_begins_nothing()
    {
        using TcpPair pair = new();
        pair.Server.DataReceived += null;
        pair.Client.Send("kept"u8);
        Assert.False(SpinWait.SpinUntil(() => pair.Server.HasUnread, 100));
        Assert.Equal("kept", pair.Server.Receive(Limit)!.Text);
    }

    [Fact]
    public void An_idle_limit_out_of_range_is_refused_and_a_closed_socket_takes_no_handlers()
    {
        using TcpPair pair = new();
        Assert.Throws<ArgumentOutOfRangeException>(() => pair.Client.IdleLimit = TimeSpan.FromSeconds(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => pair.Client.IdleLimit = TimeSpan.FromDays(50));
        pair.Client.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pair.Client.IdleLimit = TimeSpan.FromSeconds(1));
        Assert.Throws<ObjectDisposedException>(() => pair.Client.DataReceived += (_, _) => { });
        Assert.Throws<ObjectDisposedException>(() => pair.Client.Suspend());
    }

    [Fact]
    public void A_delegate_that_PowerShell_makes_of_a_script_block_is_refused_with_what_to_do_instead()
    {
        using TcpPair pair = new();
        EventHandler<SocketMessage> data = Compile<EventHandler<SocketMessage>>(
            new System.Management.Automation.ScriptBlock(), typeof(SocketMessage));
        InvalidOperationException error =
            Assert.Throws<InvalidOperationException>(() => pair.Client.DataReceived += data);
        Assert.Contains("Register-ObjectEvent", error.Message, StringComparison.Ordinal);
        EventHandler<SocketClosedEventArgs> closed = Compile<EventHandler<SocketClosedEventArgs>>(
            new System.Management.Automation.ScriptBlock(), typeof(SocketClosedEventArgs));
        Assert.Throws<InvalidOperationException>(() => pair.Client.Closed += closed);
        Assert.Throws<InvalidOperationException>(() => pair.Listener.Closed += closed);

        // Compiled delegates of other origin are welcome.
        pair.Client.Closed += Compile<EventHandler<SocketClosedEventArgs>>(new object(), typeof(SocketClosedEventArgs));
    }

    // A compiled expression with an object among its constants: what PowerShell makes of a script block for an event.
    private static T Compile<T>(object constant, Type arguments)
        where T : Delegate =>
        Expression.Lambda<T>(
            Expression.Call(
                Expression.Constant(constant, typeof(object)), typeof(object).GetMethod(nameof(ToString))!),
            Expression.Parameter(typeof(object)),
            Expression.Parameter(arguments)).Compile();
}
