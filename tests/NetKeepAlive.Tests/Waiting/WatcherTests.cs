using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Interop;
using NetKeepAlive.Waiting;
using Xunit;

namespace NetKeepAlive.Tests.Waiting;

public sealed class WatcherTests
{
    // poll(2) refuses more rows than the process may have descriptors, also where they name few, or none.
    [Fact]
    public void More_rows_than_the_limit_of_descriptors_are_waited_for()
    {
        Need.Linux();
        int limit = DescriptorLimit();
        Assert.SkipWhen(limit > 2_000_000, "this process may have so many descriptors that the rows would fill the memory");
        (NetSocket near, NetSocket far) = UnixSockets.CreatePair(SocketType.Stream);
        using (near)
        using (far)
        {
            SafeHandle?[] handles = new SafeHandle?[limit + 10];
            handles[^1] = far.Handle;
            PollEntry[] entries = new PollEntry[handles.Length];
            Array.Fill(entries, new PollEntry { Events = Abi.Current.PollIn });
            Assert.Equal(0, Libc.Poll(handles, entries, 0));
            near.Send("x"u8);
            Assert.Equal(1, Libc.Poll(handles, entries, -1));
            Assert.Equal(Abi.Current.PollIn, entries[^1].Returned);
        }
    }

    // What is thrown while it is prepared would end the process.
    [Fact]
    public async Task A_source_that_fails_is_told_as_ready_and_the_others_are_served()
    {
        (NetSocket near, NetSocket far) = UnixSockets.CreatePair(SocketType.Stream);
        using (near)
        using (far)
        {
            Task<short> other = Watcher.WhenReadyAsync(far, WaitDirection.Receive, CancellationToken.None);
            Assert.Equal(0, await Watcher.WhenReadyAsync(new Failing(), WaitDirection.Receive, CancellationToken.None)
                .WaitAsync(TcpPair.Limit));
            near.Send("x"u8);
            Assert.NotEqual(0, await other.WaitAsync(TcpPair.Limit));
        }
    }

    private static int DescriptorLimit() => int.TryParse(
        File.ReadLines("/proc/self/limits").First(static it => it.StartsWith("Max open files", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[3],
        CultureInfo.InvariantCulture, out int limit) ? limit : int.MaxValue;

    private sealed class Failing : IWaitable
    {
        public SafeHandle Handle => throw new ObjectDisposedException(nameof(Failing));

        public Wakers Wakers { get; } = new();

        public WaitMode PrepareWait(WaitDirection direction) => throw new ObjectDisposedException(nameof(Failing));

        public TimeoutException TimedOut(WaitDirection direction, Deadline deadline) => deadline.TimedOut("nothing");
    }
}
