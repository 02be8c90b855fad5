using System;
using System.Net.Security;
using System.Net.Sockets;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Errors;
using NetKeepAlive.Interop;
using NetKeepAlive.Options;
using NetKeepAlive.Sockets;

namespace NetKeepAlive.Holders;

/// <summary>Closes whatever holds a socket.</summary>
internal static class SocketCloser
{
    /// <summary>Closes it; harmless when it is closed already.</summary>
    /// <param name="holder">What holds the socket.</param>
    /// <param name="reset">With a reset, which only TCP connections have.</param>
    /// <exception cref="NotASocketException">It holds none.</exception>
    /// <exception cref="NativeSocketException"><c>EOPNOTSUPP</c>: a reset of something else than a TCP
    /// connection.</exception>
    internal static void Close(object? holder, bool reset)
    {
        if (holder is not (NetSocket or SocketListener or Socket or TcpClient or TcpListener or UdpClient
            or NetworkStream or SslStream or SafeSocketHandle))
        {
            throw holder is TcpConnection
                ? NotASocketException.Saying(
                    $"A row of the system's tables is a socket that its program closes: {Remedies.EndConnection}.")
                : new NotASocketException(holder);
        }

        if (reset)
        {
            if (holder is StreamSocket stream)
            {
                stream.Reset();
                return;
            }

            using SocketReference reference = SocketHolder.Open(holder);
            PrepareReset(reference.Handle, holder);

            // First of all: what is around the socket would shut it down in order before it closes it.
            SocketHolder.FindSocket(holder)?.Dispose();
        }

        CloseInOrder(holder);
        Dispose((holder as IDisposable)!);
    }

    // What was sent arrives, whatever .NET's own closing makes of it.
    private static void CloseInOrder(object holder)
    {
        if (holder is SocketObject or SafeSocketHandle or TcpClient { Client: null } or UdpClient
            || SocketHolder.FindSocket(holder) is not { Connected: true, SocketType: not SocketType.Dgram } socket
            || SharedSockets.Contains(socket.SafeHandle))
        {
            return;
        }

        // TLS has its goodbye to say first.
        (holder as SslStream)?.Dispose();
        OrderlyClose.Begin(socket.SafeHandle);
    }

    /// <summary>Closes a listener, and hands on the connections that wait to be accepted: closing resets them, also where
    /// other listeners share the port (Linux: unless net.ipv4.tcp_migrate_req is set).</summary>
    /// <param name="holder">What holds the listener.</param>
    /// <param name="take">Gets each connection.</param>
    /// <exception cref="NotASocketException">It holds no listener.</exception>
    internal static void Drain(object? holder, Action<NetSocket> take)
    {
        SocketListener listener = SocketWrapper.ToListener(holder);
        listener.Resume();

        // They are the caller's to serve now, however many.
        int limit = listener.MaxConnection;
        listener.MaxConnection = 0;
        try
        {
            while (listener.TryAccept(out NetSocket? waiting))
            {
                take(waiting!);
            }
        }
        finally
        {
            listener.MaxConnection = limit;
        }

        Close(holder, reset: false);
    }

    /// <summary>Ends a direction of a connection, also of another program's, which a copy of its descriptor
    /// reaches.</summary>
    /// <param name="holder">What holds the socket.</param>
    /// <param name="how">The direction that ends.</param>
    /// <exception cref="NotASocketException">It holds none, or a listener.</exception>
    /// <exception cref="NativeSocketException"><c>ENOTCONN</c>: there is no connection.</exception>
    internal static void Shutdown(object? holder, SocketShutdown how)
    {
        if (holder is not TcpConnection)
        {
            SocketWrapper.ToSocket(holder).Shutdown(how);
            return;
        }

        using SocketReference reference = SocketHolder.Open(holder);
        if (SocketKind.Of(reference.Handle).IsListening)
        {
            throw NotASocketException.Saying("It is a listener, which has no directions: it has connections.");
        }

        Libc.Shutdown(reference.Handle, how, SocketDescription.Of(holder));
    }

    private static void PrepareReset(SafeSocketHandle handle, object holder)
    {
        SocketKind kind = SocketKind.Of(handle);
        if (kind.IsListening || kind.Type is not SocketType.Stream || kind.Family is AddressFamily.Unix)
        {
            throw new NativeSocketException(
                "reset", Errno.EOPNOTSUPP, SocketDescription.Of(holder),
                "Only a TCP connection can be reset: close it instead.");
        }

        SocketOptions.Linger.Set(handle, TimeSpan.Zero);
    }

    private static void Dispose(IDisposable holder)
    {
        if (holder is NetworkStream stream)
        {
            // A stream that does not own its socket would leave it open.
            stream.Dispose();
            stream.Socket.Dispose();
        }
        else if (holder is SslStream tls)
        {
            Socket? inner = SocketHolder.FindSocket(tls);
            tls.Dispose();
            inner?.Dispose();
        }
        else
        {
            holder.Dispose();
        }
    }
}
