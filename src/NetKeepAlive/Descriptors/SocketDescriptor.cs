using System;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Threading;
using NetKeepAlive.Interop;

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
    private readonly IDisposable _owner;
    private readonly bool _isBorrowed;
    private readonly bool _isInternet;
    private readonly bool _isConnection;
    private Socket? _socket;

    /// <param name="handle">The descriptor.</param>
    /// <param name="family">The family of its addresses.</param>
    /// <param name="isConnection">Is it to send and receive, not to accept?</param>
    /// <param name="borrowed">The .NET socket of somebody else who owns it, and for whom it is left open; null where
    /// this object owns it.</param>
    /// <param name="owner">The object that has this descriptor, and is closed with the .NET socket.</param>
    internal SocketDescriptor(
        SafeSocketHandle handle, AddressFamily family, bool isConnection, Socket? borrowed, IDisposable owner)
    {
        _handle = handle;
        _socket = borrowed;
        _owner = owner;
        _isBorrowed = borrowed is not null;
        _isInternet = family is not AddressFamily.Unix;
        _isConnection = isConnection;
        if (_isBorrowed || !_isInternet)
        {
            GC.SuppressFinalize(this);
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
                return _socket ??= CreateSocket();
            }
        }
    }

    /// <summary>Has somebody asked for the .NET socket?</summary>
    internal bool HasSocket => Volatile.Read(ref _socket) is not null;

    /// <summary>Closes it, unless somebody else owns it.</summary>
    /// <param name="inOrder">What was sent through it is to arrive; see <see cref="OrderlyClose"/>.</param>
    internal void Close(bool inOrder)
    {
        GC.SuppressFinalize(this);
        lock (_gate)
        {
            if (_isBorrowed)
            {
                return;
            }

            // What is under the .NET socket now is connected to nothing, and ends its calls without harm.
            bool isLeft = SharedSockets.Contains(_handle) || (inOrder && OrderlyClose.Begin(_handle));
            if (isLeft && (_socket is not null || SharedSockets.Contains(_handle)))
            {
                TryVacate();
            }

            if (_socket is not null)
            {
                _socket.Dispose();
            }
            else if (_isInternet && !_handle.IsClosed)
            {
                PlainClose.Close(_handle);
            }
            else
            {
                _handle.Dispose();
            }
        }
    }

    private OwnedSocket CreateSocket()
    {
        // .NET then waits by its own engine, in which closing ends the waits: not inside the kernel, where nothing does. It
        // does so once it has made the socket non-blocking itself, and not of one that was so before. The mode belongs to
        // all who share the socket, so a shared one that blocks is left as it is.
        bool isOwn = _isConnection && !SharedSockets.Contains(_handle);
        bool waitsByEngine = isOwn || RuntimeShim.IsNonBlocking(_handle);
        OwnedSocket socket = new(_handle, _owner);
        if (waitsByEngine)
        {
            socket.Blocking = false;
            socket.Blocking = true;
        }

        if (_isInternet)
        {
            Kept.AddOrUpdate(_handle, this);
        }

        return socket;
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
