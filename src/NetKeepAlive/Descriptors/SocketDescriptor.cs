using System;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using NetKeepAlive.Interop;
using NetKeepAlive.Options;

namespace NetKeepAlive.Descriptors;

/// <summary>
/// A socket's descriptor with the .NET socket on it. It is closed as close(2) does, which .NET does not: a
/// <see cref="SafeSocketHandle"/> that is disposed or finalized by itself sets SO_LINGER to zero first, so that a TCP
/// connection ends with a reset, also under the hands of another process that shares it; and a
/// <see cref="System.Net.Sockets.Socket"/> does the same when a receive was under way, and disconnects the socket when
/// a thread still has its handle.
/// </summary>
internal sealed class SocketDescriptor
{
    // What a .NET socket was made of outlives this module's object when somebody took the .NET socket away.
    private static readonly ConditionalWeakTable<SafeSocketHandle, SocketDescriptor> Kept = [];

    private readonly object _gate = new();
    private readonly SafeSocketHandle _handle;
    private readonly bool _isBorrowed;
    private readonly bool _isInternet;
    private Socket? _socket;

    /// <param name="handle">The descriptor.</param>
    /// <param name="family">The family of its addresses.</param>
    /// <param name="socket">The .NET socket on it; null where there is none yet.</param>
    /// <param name="isBorrowed">Does somebody else own it? Then it is left open.</param>
    internal SocketDescriptor(SafeSocketHandle handle, AddressFamily family, Socket? socket, bool isBorrowed)
    {
        _handle = handle;
        _socket = socket;
        _isBorrowed = isBorrowed;
        _isInternet = family is not AddressFamily.Unix;
        if (isBorrowed || !_isInternet)
        {
            GC.SuppressFinalize(this);
        }

        if (socket is not null)
        {
            Keep(socket);
        }
    }

    /// <summary>Runs before the handle's own finalizer, which is a critical one.</summary>
    ~SocketDescriptor() => TryVacate();

    /// <summary>The .NET socket; made when first asked for.</summary>
    /// <exception cref="ObjectDisposedException">The descriptor is closed.</exception>
    internal Socket Socket
    {
        get
        {
            lock (_gate)
            {
                return _socket ??= Keep(RuntimeShim.ToSocket(_handle));
            }
        }
    }

    /// <summary>Closes it, unless somebody else owns it.</summary>
    internal void Close()
    {
        GC.SuppressFinalize(this);
        lock (_gate)
        {
            if (_isBorrowed)
            {
                return;
            }

            if (SharedSockets.Contains(_handle))
            {
                TryVacate();
                _handle.Dispose();
            }
            else if (_socket is not null)
            {
                // It ends the calls of .NET that other threads are in; nobody else has the socket.
                EndInOrder(_socket);
                _socket.Dispose();
            }
            else if (_isInternet && !_handle.IsClosed)
            {
                OrderlyClose.Close(_handle);
            }
            else
            {
                _handle.Dispose();
            }
        }
    }

    // The .NET socket may live as long as it likes.
    private Socket Keep(Socket socket)
    {
        if (_isInternet && !_isBorrowed)
        {
            GC.SuppressFinalize(socket);
            Kept.AddOrUpdate(_handle, this);
        }

        return socket;
    }

    // A .NET socket whose sending side was shut down is closed without a reset.
    private void EndInOrder(Socket socket)
    {
        try
        {
            if (_isInternet && SocketOptions.Linger.Get(_handle) != TimeSpan.Zero)
            {
                socket.Shutdown(SocketShutdown.Send);
            }
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // The connection has ended already.
        }
    }

    private void TryVacate()
    {
        try
        {
            Libc.Vacate(_handle);
        }
        catch (Exception failed) when (failed is NativeSocketException or ObjectDisposedException)
        {
            // It is closed, or there is no descriptor left for what would take its place: .NET closes it in its way.
        }
    }
}
