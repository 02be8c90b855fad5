using System;
using System.Net;
using Microsoft.Win32.SafeHandles;
using NetKeepAlive.Addresses;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Holders;
using NetKeepAlive.Interop.Linux;
using NetKeepAlive.Tables;

namespace NetKeepAlive.Probing;

/// <summary>A socket under test. Watching takes nothing from it: neither data nor its pending error (SO_ERROR is the
/// owner's to read), and a foreign one is not held open.</summary>
internal abstract class WatchedSocket
{
    /// <summary>What the user gave.</summary>
    internal abstract object Holder { get; }

    /// <summary>The kernel's number of the socket; null where it has none.</summary>
    internal abstract ulong? Cookie { get; }

    /// <summary>The addresses in words.</summary>
    internal abstract string Description { get; }

    /// <summary>This side's address and port; null where they cannot be told.</summary>
    internal abstract IPEndPoint? Local { get; }

    /// <summary>The peer's address and port; null where they cannot be told.</summary>
    internal abstract IPEndPoint? Remote { get; }

    /// <summary>The network namespace that the socket is in; null is this process's own.</summary>
    internal virtual NetNamespace? Network => null;

    /// <summary>Opens the socket for a change of its settings.</summary>
    internal abstract SocketReference Open();

    /// <summary>The kernel's statistics; null where the connection is gone.</summary>
    internal abstract TcpInfo? ReadInfo();

    /// <summary>Why there are none any more, as far as it shows.</summary>
    internal abstract string DescribeEnd();

    /// <summary>The watch over a holder of a socket, or over a row of the system's table.</summary>
    internal static WatchedSocket Of(object? holder, SocketTables tables) =>
        holder is TcpConnection connection ? new Listed(connection, tables) : new Held(holder!, tables);

    private sealed class Held : WatchedSocket
    {
        internal Held(object holder, SocketTables tables)
        {
            using SocketReference open = SocketHolder.Open(holder);
            Cookie = SocketCookie.Read(open.Handle);
            Holder = holder;
            Description = SocketDescription.Of(holder);
            Local = SocketName.Local(open.Handle).Ip;
            Remote = SocketName.Peer(open.Handle)?.Ip;
            Network = tables.NetworkOf(open.Handle, Description);
        }

        internal override object Holder { get; }

        internal override ulong? Cookie { get; }

        internal override string Description { get; }

        internal override IPEndPoint? Local { get; }

        internal override IPEndPoint? Remote { get; }

        internal override NetNamespace? Network { get; }

        internal override SocketReference Open() => SocketHolder.Open(Holder);

        internal override TcpInfo? ReadInfo()
        {
            try
            {
                using SocketReference open = Open();
                return TcpInfo.Read(open.Handle);
            }
            catch (ObjectDisposedException)
            {
                return null;
            }
        }

        internal override string DescribeEnd() => "The socket was closed while the test ran.";
    }

    private sealed class Listed(TcpConnection connection, SocketTables tables) : WatchedSocket
    {
        internal override object Holder => connection;

        internal override ulong? Cookie => connection.Cookie;

        internal override string Description => connection.ToString();

        internal override IPEndPoint? Local => new(connection.LocalIPAddress, connection.LocalPort);

        internal override IPEndPoint? Remote => new(connection.RemoteIPAddress, connection.RemotePort);

        internal override NetNamespace? Network => connection.Network;

        internal override SocketReference Open() => SocketHolder.Open(connection, tables);

        // A socket that died is no longer in the table, though its owner still holds it.
        internal override TcpInfo? ReadInfo()
        {
            if (tables.TryReadInfo(connection) is { } info)
            {
                return info;
            }

            try
            {
                using SafeFileHandle open = tables.Open(connection, ended: true);
                return TcpInfo.Read(open);
            }
            catch (NativeSocketException)
            {
                return null;
            }
        }

        internal override string DescribeEnd() => "Its owner closed the connection while the test ran.";
    }

    /// <summary>Is it a state in which the kernel sends probes?</summary>
    internal static bool CanProbe(TcpConnectionState state) => state
        is TcpConnectionState.Established or TcpConnectionState.CloseWait or TcpConnectionState.FinWait1 or TcpConnectionState.FinWait2;
}
