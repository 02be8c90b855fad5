using System;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Errors;
using NetKeepAlive.Sockets;

namespace NetKeepAlive.Holders;

/// <summary>The module's object for sockets that somebody else owns. The same socket gets the same object every time,
/// so that what it counts and has in hand goes on; closing the object leaves the socket open.</summary>
internal static class SocketWrapper
{
    private static readonly ConditionalWeakTable<SafeSocketHandle, NetSocket> Sockets = [];
    private static readonly ConditionalWeakTable<SafeSocketHandle, SocketListener> Listeners = [];

    /// <summary>The socket to send and receive with.</summary>
    /// <exception cref="NotASocketException">It holds no socket, or one of a kind that has no data.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    internal static NetSocket ToSocket(object? holder)
    {
        if (holder is NetSocket own)
        {
            return own;
        }

        if (holder is SocketListener)
        {
            throw NotASocketException.Saying(
                $"A listener carries no data: {Remedies.Accept}.");
        }

        if (holder is AuthenticatedStream)
        {
            throw NotASocketException.Saying(
                $"The bytes of a TLS stream of .NET are read and written by its own methods: {Remedies.OwnTls}.");
        }

        RefuseRow(holder);
        using SocketReference reference = SocketHolder.Open(holder);
        return Sockets.GetValue(
            reference.Handle,
            handle => SocketKind.Of(handle).CreateSocket(
                handle, new SocketOrigin { Borrowed = SocketIn(holder, handle) }));
    }

    /// <summary>The listener to accept with.</summary>
    /// <exception cref="NotASocketException">It holds no listening socket.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    internal static SocketListener ToListener(object? holder)
    {
        if (holder is SocketListener own)
        {
            ObjectDisposedException.ThrowIf(own.IsClosed, own);
            return own;
        }

        RefuseRow(holder);
        using SocketReference reference = SocketHolder.Open(holder);
        return Listeners.GetValue(
            reference.Handle,
            handle => SocketListener.Borrow(SocketIn(holder, handle)));
    }

    /// <summary>The socket or listener whose events can rest: only this module's own have events.</summary>
    /// <exception cref="NotASocketException">It is none.</exception>
    internal static SocketObject ToEventOwner(object? holder) => holder as SocketObject
        ?? throw NotASocketException.Saying(
            $"{holder?.GetType().FullName ?? "null"} has no events of this module: accepted are its sockets and "
            + "listeners.");

    // What is made of a bare handle must not close it when the collector finds it.
    private static Socket SocketIn(object? holder, SafeSocketHandle handle)
    {
        if (SocketHolder.FindSocket(holder) is { } own)
        {
            return own;
        }

        Socket socket = new(handle);
        GC.SuppressFinalize(socket);
        return socket;
    }

    // Its options can be reached through a copy of the owner's descriptor; data would be taken from the owner.
    private static void RefuseRow(object? holder)
    {
        if (holder is TcpConnection)
        {
            throw NotASocketException.Saying(
                "A row of the system's tables is another program's socket, whose data is not shared: "
                + $"{Remedies.CopyDescriptor}.");
        }
    }
}
