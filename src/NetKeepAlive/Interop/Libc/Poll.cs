using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace NetKeepAlive.Interop;

/// <summary>One row of poll(2): <c>struct pollfd</c>, the same on every platform.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollEntry
{
    /// <summary>The descriptor; filled in for the call only.</summary>
    internal int Descriptor;

    /// <summary>What to wait for.</summary>
    internal short Events;

    /// <summary>What there is.</summary>
    internal short Returned;
}

internal static partial class Libc
{
    // So many at a time need neither memory of the kernel's nor a limit of descriptors that anybody would set.
    private const int PollSlice = 16;
    private const int PollPause = 10;

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int poll(PollEntry* fds, nuint nfds, int timeout);

    /// <summary>Has poll(2) something to tell of one handle now?</summary>
    /// <exception cref="NativeSocketException">The kernel refused, whatever was asked: <c>ENOMEM</c>.</exception>
    internal static bool Tells(SafeHandle handle, short events) =>
        Poll([handle], [new PollEntry { Events = events }], milliseconds: 0) > 0;

    /// <summary>poll(2) on handles, each kept open for as long as the call lasts. A handle that is closed already
    /// counts as ready (<c>POLLNVAL</c>).</summary>
    /// <param name="handles">The descriptors; null entries are passed over.</param>
    /// <param name="entries">One row each, <c>Events</c> filled in; <c>Returned</c> says what there is.</param>
    /// <param name="milliseconds">How long to wait at the most; -1 is for ever.</param>
    /// <returns>How many are ready; 0 when the time is over, or when a signal ended the wait before.</returns>
    /// <exception cref="NativeSocketException">The kernel refused, whatever was asked: <c>ENOMEM</c>.</exception>
    internal static unsafe int Poll(ReadOnlySpan<SafeHandle?> handles, Span<PollEntry> entries, int milliseconds)
    {
        Span<bool> held = handles.Length <= 256 ? stackalloc bool[handles.Length] : new bool[handles.Length];
        int closed = 0;
        try
        {
            for (int i = 0; i < handles.Length; i++)
            {
                entries[i].Descriptor = Hold(handles[i], ref held[i]);
                entries[i].Returned = 0;
                closed += handles[i] is not null && !held[i] ? 1 : 0;
            }

            int ready;
            int longest = closed > 0 ? 0 : milliseconds;
            fixed (PollEntry* rows = entries)
            {
                ready = poll(rows, (nuint)handles.Length, longest);
                if (ready < 0 && !LastError.IsInterrupted)
                {
                    ready = PollInSlices(rows, handles.Length, longest);
                }
            }

            for (int i = 0; closed > 0 && i < handles.Length; i++)
            {
                if (handles[i] is not null && !held[i])
                {
                    entries[i].Returned = Abi.Current.PollNval;
                }
            }

            return Math.Max(ready, 0) + closed;
        }
        finally
        {
            for (int i = 0; i < handles.Length; i++)
            {
                if (held[i])
                {
                    handles[i]!.DangerousRelease();
                }
            }
        }
    }

    // EINVAL: more rows than the process may have descriptors (RLIMIT_NOFILE), for some of them name none, or one twice,
    // or the limit fell. ENOMEM: so many rows at a time take memory of the kernel's. So they are looked at in turn.
    private static unsafe int PollInSlices(PollEntry* rows, int count, int milliseconds)
    {
        long begun = Environment.TickCount64;
        while (true)
        {
            int ready = 0;
            for (int i = 0; i < count; i += PollSlice)
            {
                int some = poll(rows + i, (nuint)Math.Min(PollSlice, count - i), 0);
                if (some < 0 && !LastError.IsInterrupted)
                {
                    throw NativeSocketException.FromLastError(nameof(poll));
                }

                ready += Math.Max(0, some);
            }

            long left = milliseconds < 0 ? PollPause : milliseconds - (Environment.TickCount64 - begun);
            if (ready > 0 || left <= 0)
            {
                return ready;
            }

            Thread.Sleep((int)Math.Min(left, PollPause));
        }
    }

    private static int Hold(SafeHandle? handle, ref bool held)
    {
        try
        {
            handle?.DangerousAddRef(ref held);
            return held ? (int)handle!.DangerousGetHandle() : -1;
        }
        catch (ObjectDisposedException)
        {
            return -1;
        }
    }
}
