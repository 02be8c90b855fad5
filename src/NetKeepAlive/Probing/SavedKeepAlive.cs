using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Interop;
using NetKeepAlive.Options;

namespace NetKeepAlive.Probing;

/// <summary>
/// The keep-alive settings that a socket had before a test, and the promise to put them back: when disposed, and
/// when the process ends.
/// </summary>
internal sealed class SavedKeepAlive : IDisposable
{
    private static readonly HashSet<SavedKeepAlive> Unrestored = [];

    private readonly WatchedSocket _socket;
    private readonly TcpKeepAlive _before;
    private readonly object _gate = new();
    private bool _restored;

    static SavedKeepAlive() => ProcessEnd.Add(RestoreAll);

    private SavedKeepAlive(WatchedSocket socket, TcpKeepAlive before)
    {
        _socket = socket;
        _before = before;
        lock (Unrestored)
        {
            Unrestored.Add(this);
        }
    }

    /// <summary>Why the settings could not be put back on a socket that is still there; null where they were.</summary>
    internal NativeSocketException? Failure { get; private set; }

    /// <summary>Reads what a socket has.</summary>
    /// <param name="socket">Reaches the socket again in the end.</param>
    /// <param name="open">The socket.</param>
    /// <exception cref="NativeSocketException">The socket has settings that the kernel would not take back.</exception>
    internal static SavedKeepAlive Of(WatchedSocket socket, SafeHandle open)
    {
        TcpKeepAlive before = TcpKeepAlive.Read(open);
        try
        {
            (before with { UserTimeout = null }).Check();
        }
        catch (ArgumentOutOfRangeException unfit)
        {
            // The system's defaults may be what setsockopt(2) refuses.
            throw new NativeSocketException(
                "keep-alive test", Errno.EINVAL, socket.Description,
                $"The socket's {unfit.ParamName} comes from the system's default and could not be put back: "
                + $"{unfit.ActualValue} cannot be set on a socket. Nothing was changed.");
        }

        return new SavedKeepAlive(socket, before);
    }

    /// <summary>Changes settings of the socket, unless the process is ending and they were put back already.</summary>
    /// <exception cref="OperationCanceledException">The process is ending.</exception>
    internal void Change(Action change)
    {
        lock (_gate)
        {
            if (_restored)
            {
                throw new OperationCanceledException();
            }

            change();
        }
    }

    /// <summary>Puts the settings back; does nothing the second time.</summary>
    public void Dispose()
    {
        Restore();
        lock (Unrestored)
        {
            Unrestored.Remove(this);
        }
    }

    private static void RestoreAll()
    {
        SavedKeepAlive[] all;
        lock (Unrestored)
        {
            all = [.. Unrestored];
        }

        foreach (SavedKeepAlive saved in all)
        {
            saved.Restore();
        }
    }

    private void Restore()
    {
        lock (_gate)
        {
            if (_restored)
            {
                return;
            }

            _restored = true;
            try
            {
                using SocketReference open = _socket.Open();
                using HeldDescriptor descriptor = new(open.Handle);
                // Each by itself: one that is refused keeps none of the others. The switch first: whatever else
                // happens, a socket that sent no probes sends none any more.
                PutBack(descriptor, SocketOptions.KeepAlive, _before.Enabled);
                PutBack(descriptor, SocketOptions.KeepAliveIdleTime, _before.IdleTime);
                PutBack(descriptor, SocketOptions.KeepAliveInterval, _before.Interval);
                PutBack(descriptor, SocketOptions.KeepAliveProbeCount, _before.ProbeCount);
            }
            catch (ObjectDisposedException)
            {
                // The socket is gone, and its settings with it.
            }
            catch (NativeSocketException error)
            {
                Failure ??= IsGone(error) ? null : error;
            }
        }
    }

    private void PutBack<T>(HeldDescriptor socket, SocketOption<T> option, T? value)
        where T : struct
    {
        try
        {
            if (value is { } was)
            {
                option.Set(socket, was);
            }
        }
        catch (NativeSocketException error)
        {
            Failure ??= error;
        }
    }

    private static bool IsGone(NativeSocketException error) =>
        error.Is(Errno.ESRCH) || error.Is(Errno.EBADF) || error.Is(Errno.ENOTCONN);
}
