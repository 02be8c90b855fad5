using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using NetKeepAlive.Interop;

namespace NetKeepAlive.Descriptors;

/// <summary>
/// The mode of a listener. accept(2) has no flag for one call that is not to wait, so the listener is made non-blocking; but
/// the mode belongs to the open socket. Where others have it, too, what blocked is put back when the listener is closed
/// and when the process ends; and anyone who puts it back, or another listener of this process, may do so while this one
/// still accepts: whoever accepts asks for it each time.
/// </summary>
internal sealed class SharedMode
{
    /// <summary>Held from <see cref="Take"/> to the end of accept(2), so that no other listener of this process puts the
    /// mode back in between.</summary>
    internal static readonly object Gate = new();

    private static readonly TimeSpan LongestAccept = TimeSpan.FromSeconds(1);
    private static readonly HashSet<SharedMode> Changed = [];

    private readonly SafeHandle _socket;

    static SharedMode() => ProcessEnd.Add(RestoreAll);

    /// <param name="socket">The listener, which is made non-blocking.</param>
    internal SharedMode(SafeHandle socket)
    {
        _socket = socket;
        Take();
    }

    /// <summary>Do others who have it wait inside accept(2), and no longer now?</summary>
    internal bool IsChanged
    {
        get
        {
            lock (Gate)
            {
                return Changed.Contains(this);
            }
        }
    }

    /// <summary>Makes calls return at once, whoever made them wait.</summary>
    /// <exception cref="NativeSocketException">It is no socket.</exception>
    internal void Take()
    {
        lock (Gate)
        {
            if (RuntimeShim.IsNonBlocking(_socket))
            {
                return;
            }

            RuntimeShim.SetNonBlocking(_socket);
            if (SharedSockets.Contains(_socket))
            {
                Changed.Add(this);
            }
        }
    }

    /// <summary>Puts back what was changed.</summary>
    internal void Restore() => Restore([this]);

    private static void RestoreAll() => Restore(Changed);

    // Another process that puts the mode back while this one accepts, and takes the connection, may keep accept(2) waiting.
    // Nobody waits for that, and there is nothing to put back then.
    private static void Restore(IEnumerable<SharedMode> modes)
    {
        if (!Monitor.TryEnter(Gate, LongestAccept))
        {
            return;
        }

        try
        {
            modes.ToList().ForEach(static it => it.PutBack());
        }
        finally
        {
            Monitor.Exit(Gate);
        }
    }

    private void PutBack()
    {
        if (!Changed.Remove(this))
        {
            return;
        }

        try
        {
            RuntimeShim.SetNonBlocking(_socket, false);
        }
        catch (Exception gone) when (gone is NativeSocketException or ObjectDisposedException)
        {
            // It is closed: nothing is left to put back.
        }
    }
}
