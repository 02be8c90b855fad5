using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Interop;

namespace NetKeepAlive.Waiting;

/// <summary>
/// Waits for what .NET's engine does not tell: that a connection may be accepted, without accepting it; that a peer has
/// ended its side, without reading; that a descriptor which is being closed has something to throw away. One thread with
/// poll(2) for all of the process, there only while something is waited for.
/// </summary>
internal static class Watcher
{
    // How long the thread stays when there is nothing to wait for: waits often follow one another.
    private static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(1);

    // How late an end may be told of where poll(2) forgets who waits for it once there is something to read.
    private static readonly TimeSpan EndInterval = TimeSpan.FromMilliseconds(200);

    // How long it rests when the kernel refuses.
    private const int FailureMilliseconds = 100;

    private static readonly object Gate = new();
    private static readonly List<Watch> Watches = [];
    private static WaitSignal? _signal;

    /// <summary>Ends when the source is ready, or is closed.</summary>
    /// <returns>What poll(2) said; 0 when it was ready without that.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    internal static async Task<short> WhenReadyAsync(
        IWaitable source, WaitDirection direction, CancellationToken cancellation)
    {
        Watch watch = new(source, direction);
        lock (Gate)
        {
            if (_signal is null)
            {
                _signal = Begin();
            }

            source.Wakers.Attach(_signal);
            Watches.Add(watch);
            _signal.Set();
        }

        using (cancellation.UnsafeRegister(static it => Cancel((Watch)it!), watch))
        {
            short ready = await watch.Done.Task.ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            return ready;
        }
    }

    private static WaitSignal Begin()
    {
        WaitSignal signal = new();
        try
        {
            new Thread(() => Run(signal)) { IsBackground = true, Name = "NetKeepAlive" }.Start();
            return signal;
        }
        catch
        {
            // There is no room for a thread more: the next wait tries again.
            signal.Dispose();
            throw;
        }
    }

    private static void Cancel(Watch watch)
    {
        lock (Gate)
        {
            watch.IsCancelled = true;
            _signal?.Set();
        }
    }

    private static void Run(WaitSignal signal)
    {
        PollRows rows = new();
        while (true)
        {
            Watch[] watches;
            lock (Gate)
            {
                signal.Reset();
                watches = [.. Watches];
            }

            rows.Clear();
            _ = rows.Add(signal.Handle, Abi.Current.PollIn);
            bool now = Prepare(watches, rows);
            Deadline deadline = now ? Deadline.Now
                : watches.Length == 0 ? Deadline.After(IdleLimit)
                : Abi.Current.PollForgetsEnds && Array.Exists(watches, static it => it.IsForEnd)
                    ? Deadline.After(EndInterval)
                : Deadline.Never;
            int ready = Poll(rows, deadline);
            lock (Gate)
            {
                foreach (Watch watch in watches)
                {
                    short told = rows.Told(watch.Row, watch.Direction.PollEvents());
                    if (watch.IsReady || watch.IsCancelled || told != 0)
                    {
                        Watches.Remove(watch);
                        watch.Source.Wakers.Detach(signal);
                        watch.Done.SetResult(told);
                    }
                }

                if (ready == 0 && Watches.Count == 0 && deadline.IsOver)
                {
                    _signal = null;
                    signal.Dispose();
                    return;
                }
            }
        }
    }

    private static bool Prepare(Watch[] watches, PollRows rows)
    {
        bool now = false;
        foreach (Watch watch in watches)
        {
            WaitMode mode = Mode(watch);
            watch.IsReady = mode is WaitMode.Ready;
            now |= watch.IsReady || watch.IsCancelled;
            watch.Row = mode is WaitMode.Descriptor
                ? rows.Add(watch.Source.Handle, watch.Direction.PollEvents())
                : PollRows.None;
        }

        return now;
    }

    private static int Poll(PollRows rows, Deadline deadline)
    {
        try
        {
            return rows.Poll(deadline);
        }
        catch (NativeSocketException)
        {
            // The kernel has no memory for anything: who waits goes on waiting.
            Thread.Sleep(FailureMilliseconds);
            return -1;
        }
    }

    // Nobody catches what is thrown on this thread. What fails here fails for who waits, too, at the next try.
    private static WaitMode Mode(Watch watch)
    {
        try
        {
            return watch.Source.PrepareWait(watch.Direction);
        }
        catch (Exception)
        {
            return WaitMode.Ready;
        }
    }

    private sealed class Watch(IWaitable source, WaitDirection direction)
    {
        internal IWaitable Source { get; } = source;

        internal WaitDirection Direction { get; } = direction;

        internal bool IsForEnd => Direction is WaitDirection.End or WaitDirection.Failure;

        internal TaskCompletionSource<short> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal int Row { get; set; }

        internal bool IsReady { get; set; }

        internal bool IsCancelled { get; set; }
    }
}
