using System;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using NetKeepAlive.Interop;
using NetKeepAlive.Options;

namespace NetKeepAlive;

/// <summary>
/// Closes the descriptor of a socket as close(2) does, which .NET does not: a <see cref="SafeSocketHandle"/> that is
/// disposed or finalized by itself sets SO_LINGER to zero first, so that a TCP connection ends with a reset, also under
/// the hands of another process that shares it; and a <see cref="System.Net.Sockets.Socket"/> does the same when a receive
/// was under way, and disconnects the socket when a thread still has its handle.
/// </summary>
internal sealed class DescriptorCloser
{
    // What a .NET socket was made of outlives this module's object when somebody took the .NET socket away.
    private static readonly ConditionalWeakTable<SafeSocketHandle, DescriptorCloser> Kept = [];

    private readonly SafeSocketHandle _handle;
    private readonly bool _isInternet;

    internal DescriptorCloser(SafeSocketHandle handle, AddressFamily family)
    {
        _handle = handle;
        _isInternet = family is not AddressFamily.Unix;
        if (!_isInternet)
        {
            GC.SuppressFinalize(this);
        }
    }

    /// <summary>Runs before the handle's own finalizer, which is a critical one.</summary>
    ~DescriptorCloser() => TryVacate();

    /// <summary>Lets a .NET socket on the handle live as long as it likes.</summary>
    internal Socket Keep(Socket socket)
    {
        if (_isInternet)
        {
            GC.SuppressFinalize(socket);
            Kept.AddOrUpdate(_handle, this);
        }

        return socket;
    }

    /// <summary>Closes the descriptor.</summary>
    /// <param name="socket">The .NET socket on it; null where there is none.</param>
    internal void Close(Socket? socket)
    {
        GC.SuppressFinalize(this);
        if (SharedSockets.Contains(_handle))
        {
            TryVacate();
            _handle.Dispose();
        }
        else if (socket is not null)
        {
            // It ends the calls of .NET that other threads are in; nobody else has the socket.
            EndInOrder(socket);
            socket.Dispose();
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
