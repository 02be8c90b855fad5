using System;
using System.Runtime.InteropServices;
using System.Threading;
using NetKeepAlive.Waiting;
using Xunit;

namespace NetKeepAlive.Tests.Waiting;

public sealed class WaitLoopTests
{
    // Another process that has the socket, too, may be faster every time: its time is over nevertheless.
    [Fact]
    public void What_is_ready_every_time_and_never_there_ends_with_the_time()
    {
        Elusive socket = new();
        using WaitLoop waiting = new(TimeSpan.FromMilliseconds(50), CancellationToken.None);
        Assert.Throws<TimeoutException>(WaitForEver);

        void WaitForEver()
        {
            while (true)
            {
                waiting.Again(socket, WaitDirection.Receive);
            }
        }
    }

    [Fact]
    public void What_is_ready_at_the_end_of_the_time_has_one_more_try()
    {
        Elusive socket = new();
        using WaitLoop waiting = new(TimeSpan.Zero, CancellationToken.None);
        waiting.Again(socket, WaitDirection.Receive);
        Assert.Throws<TimeoutException>(() => waiting.Again(socket, WaitDirection.Receive));
    }

    [Fact]
    public void The_same_is_cancelled_at_once()
    {
        Elusive socket = new();
        using CancellationTokenSource stop = new();
        using WaitLoop waiting = new(timeout: null, stop.Token);
        waiting.Again(socket, WaitDirection.Receive);
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => waiting.Again(socket, WaitDirection.Receive));
    }

    private sealed class Elusive : IWaitable
    {
        public SafeHandle Handle => throw new NotSupportedException();

        public Wakers Wakers { get; } = new();

        public WaitMode PrepareWait(WaitDirection direction) => WaitMode.Ready;

        public TimeoutException TimedOut(WaitDirection direction, Deadline deadline) => deadline.TimedOut("nothing");
    }
}
