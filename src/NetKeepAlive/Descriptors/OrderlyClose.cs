using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Interop;
using NetKeepAlive.Options;
using NetKeepAlive.Waiting;

namespace NetKeepAlive.Descriptors;

/// <summary>
/// Closes connections in order. close(2) resets a connection on which bytes still come (RFC 1122 section 4.2.2.13), and
/// the peer then loses what it has not got yet. So sending is shut down, and what still comes is thrown away in the
/// background until the peer ends its side: 1 MiB at the most, after which the peer has to wait, and for 2 seconds, or as
/// long as every 2 seconds more of what was sent arrives. 1,024 connections at a time, of which the oldest gives way. The
/// process waits for them when it ends, 2 seconds at the most.
/// </summary>
internal static class OrderlyClose
{
    /// <summary>How many connections are closed at a time.</summary>
    internal const int MaximumCount = 1024;

    /// <summary>How many bytes are thrown away; what comes beyond them stays where it is.</summary>
    internal const int MaximumBytes = 1024 * 1024;

    /// <summary>How long the peer has to end its side, or to get on with what was sent.</summary>
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    // Most peers end their side at once: they are looked at together, which is cheaper than a wait for each.
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(1);

    private static readonly LinkedList<Leaving> Open = new();
    private static readonly List<Leaving> Fresh = [];
    private static long _lastWaitBegun;
    private static Deadline _lastWait;
    private static readonly Timer Look = new(static _ => LookAtFresh());

    static OrderlyClose() => ProcessEnd.WaitFirst(WaitForAll);

    /// <summary>How many connections are being closed now.</summary>
    internal static int Count
    {
        get
        {
            lock (Open)
            {
                return Open.Count;
            }
        }
    }

    /// <summary>Ends sending, and keeps the connection open by a descriptor of its own while bytes may still
    /// come.</summary>
    /// <param name="connection">The connection; still the caller's to close.</param>
    /// <returns>Is it kept open?</returns>
    internal static bool Begin(SafeHandle connection)
    {
        Leaving? leaving = null;
        try
        {
            if (connection.IsClosed || SocketOptions.Linger.Get(connection) is not null)
            {
                // Whoever set SO_LINGER said how it is to be closed.
                return false;
            }

            Libc.ShutdownConnected(connection, SocketShutdown.Send, target: null);
            int left = MaximumBytes;
            if (IsDrained(connection, ref left))
            {
                return false;
            }

            leaving = new Leaving(RuntimeShim.DuplicateFile(connection), left);
        }
        catch (Exception gone) when (gone is NativeSocketException or ObjectDisposedException)
        {
            // The connection has ended already, or there is no descriptor left to keep it by.
            return false;
        }

        lock (Open)
        {
            if (Open.Count >= MaximumCount)
            {
                Open.First!.Value.GiveUp();
                Open.RemoveFirst();
            }

            Open.AddLast(leaving);
            Fresh.Add(leaving);
            if (Fresh.Count == 1)
            {
                Look.Change(FirstLook, Timeout.InfiniteTimeSpan);
            }
        }

        return true;
    }

    private static void LookAtFresh()
    {
        Leaving[] fresh;
        lock (Open)
        {
            fresh = [.. Fresh];
            Fresh.Clear();
        }

        foreach (Leaving leaving in fresh)
        {
            _ = DrainAsync(leaving);
        }
    }

    private static async Task DrainAsync(Leaving leaving)
    {
        if (!leaving.HasEnded())
        {
            SendProgress before = SendProgress.Of(leaving.Handle);
            while (!await leaving.EndsAsync().ConfigureAwait(false))
            {
                SendProgress now = SendProgress.Of(leaving.Handle);
                if (!now.IsUnderWay || now == before)
                {
                    break;
                }

                before = now;
            }
        }

        lock (Open)
        {
            Open.Remove(leaving);
            leaving.Dispose();
            Monitor.PulseAll(Open);
        }
    }

    private static void WaitForAll()
    {
        LookAtFresh();
        lock (Open)
        {
            // A signal and the exit that follows it at once, as .NET 8 tells them, wait together; an application that
            // lives on after the signal waits anew when it exits.
            if (_lastWaitBegun == 0 || Stopwatch.GetElapsedTime(_lastWaitBegun) > 2 * Limit)
            {
                _lastWaitBegun = Stopwatch.GetTimestamp();
                _lastWait = Deadline.After(Limit);
            }

            Deadline deadline = _lastWait;
            while (Open.Count > 0 && !deadline.IsOver)
            {
                Monitor.Wait(Open, deadline.RemainingMilliseconds);
            }
        }
    }

    // Has the peer ended its side? What has come is thrown away, as far as there is an allowance for it.
    private static bool IsDrained(SafeHandle connection, ref int left)
    {
        Span<byte> scratch = stackalloc byte[16384];
        while (left > 0)
        {
            int length = Libc.Recv(connection, scratch[..Math.Min(scratch.Length, left)]);
            if (length < 0 || (length == 0 && IsEnd(connection)))
            {
                return -length != Errno.EAGAIN.Value;
            }

            left -= Math.Max(length, 1);
        }

        return false;
    }

    // A message of no bytes looks like the end.
    private static bool IsEnd(SafeHandle connection) => Libc.Tells(connection, Abi.Current.PollEnd);

    /// <summary>A connection that is being closed.</summary>
    private sealed class Leaving(SafeHandle handle, int left) : IWaitable, IDisposable
    {
        private readonly CancellationTokenSource _givenUp = new();
        private int _left = left;

        public SafeHandle Handle { get; } = handle;

        public Wakers Wakers { get; } = new();

        public WaitMode PrepareWait(WaitDirection direction) => WaitMode.Descriptor;

        public TimeoutException TimedOut(WaitDirection direction, Deadline deadline) =>
            deadline.TimedOut("close: the peer did not end its side");

        public void Dispose()
        {
            Handle.Dispose();
            _givenUp.Dispose();
        }

        internal void GiveUp() => _givenUp.Cancel();

        internal bool HasEnded()
        {
            try
            {
                return IsDrained(Handle, ref _left);
            }
            catch (NativeSocketException)
            {
                // EndsAsync meets it again, and tells what it means.
                return false;
            }
        }

        // Waits for the peer's end until the time is over. Returns whether nothing more is to be waited for.
        internal async Task<bool> EndsAsync()
        {
            using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(_givenUp.Token);
            over.CancelAfter(Limit);
            try
            {
                while (!IsDrained(Handle, ref _left))
                {
                    // Bytes that are to stay would end a wait for bytes at once.
                    WaitDirection direction = _left > 0 ? WaitDirection.Receive : WaitDirection.Failure;
                    short told = await Watcher.WhenReadyAsync(this, direction, over.Token).ConfigureAwait(false);
                    if (direction is WaitDirection.Failure && told != 0)
                    {
                        break;
                    }
                }

                return true;
            }
            catch (OperationCanceledException)
            {
                return _givenUp.IsCancellationRequested;
            }
            catch (NativeSocketException)
            {
                // There is no descriptor left to wait with.
                return true;
            }
        }
    }
}
