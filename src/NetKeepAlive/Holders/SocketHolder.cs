using System;
using System.IO;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Tables;

namespace NetKeepAlive.Holders;

/// <summary>Finds the socket inside whatever holds one.</summary>
internal static class SocketHolder
{
    /// <summary>Finds the socket in a holder: <see cref="NetSocket"/>, <see cref="SocketListener"/>,
    /// <see cref="Socket"/>, <see cref="TcpClient"/>, <see cref="TcpListener"/>, <see cref="UdpClient"/>,
    /// <see cref="NetworkStream"/>, <see cref="SslStream"/> (established or not), <see cref="SafeSocketHandle"/>,
    /// <see cref="TcpConnection"/> (through its owner's descriptor).</summary>
    /// <exception cref="NotASocketException">The object holds no socket.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    /// <exception cref="NativeSocketException">The connection's owner cannot be reached.</exception>
    /// <param name="holder">What holds the socket.</param>
    /// <param name="tables">The ways to other processes, for a caller that has them open.</param>
    internal static SocketReference Open(object? holder, SocketTables? tables = null)
    {
        if (holder is TcpConnection connection)
        {
            using SocketTables? own = tables is null ? new SocketTables() : null;
            return new SocketReference((tables ?? own)!.Open(connection));
        }

        SafeSocketHandle handle = holder switch
        {
            SafeSocketHandle it => it,
            SocketObject it => it.Handle,
            _ => FindSocket(holder)?.SafeHandle ?? throw new NotASocketException(holder),
        };
        ObjectDisposedException.ThrowIf(handle.IsClosed || handle.IsInvalid, holder!);
        return new SocketReference(handle);
    }

    /// <summary>The .NET socket in one of .NET's holders; null where there is none.</summary>
    internal static Socket? FindSocket(object? holder) => holder switch
    {
        SocketObject it => it.Socket,
        Socket it => it,
        TcpClient it => it.Client ?? throw new ObjectDisposedException(nameof(TcpClient)),
        TcpListener it => it.Server,
        UdpClient it => it.Client ?? throw new ObjectDisposedException(nameof(UdpClient)),
        NetworkStream it => it.Socket,
        AuthenticatedStream it => FindSocket(InnerStream(it)),
        _ => null,
    };

    // Protected there: a TLS stream hides the socket that its keep-alive belongs to.
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_InnerStream")]
    private static extern Stream InnerStream(AuthenticatedStream stream);
}
