using System;
using System.IO;
using System.Net.Sockets;
using System.Threading;
using NetKeepAlive.Addresses;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Interop;
using NetKeepAlive.Opening;
using NetKeepAlive.Options;
using NetKeepAlive.Sockets;
using NetKeepAlive.Sockets.Unix;

namespace NetKeepAlive;

/// <summary>Makes Unix sockets.</summary>
public static class UnixSockets
{
    /// <summary>Read and write for the owner, nothing for others.</summary>
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>How many connections may wait to be accepted unless told otherwise; node's default.</summary>
    public const int DefaultBacklog = 511;

    /// <summary>Two connected sockets of one type, without names: socketpair(2).</summary>
    /// <param name="type">Stream, Seqpacket (Linux) or Dgram.</param>
    /// <exception cref="PlatformNotSupportedException">Seqpacket sockets on a platform without them.</exception>
    /// <exception cref="NativeSocketException"><c>EMFILE</c>, <c>ENFILE</c>: too many descriptors are open.</exception>
    public static (NetSocket First, NetSocket Second) CreatePair(SocketType type)
    {
        (SafeSocketHandle first, SafeSocketHandle second) = Libc.SocketPair(TypeNumber(type));
        if (type is SocketType.Dgram)
        {
            MakeRoom(first);
            MakeRoom(second);
        }

        SocketKind kind = new(AddressFamily.Unix, type, IsListening: false);
        SocketOrigin unnamed = new() { Local = SocketName.None, Remote = SocketName.None };
        return (kind.CreateSocket(first, unnamed), kind.CreateSocket(second, unnamed));
    }

    /// <summary>A datagram socket.</summary>
    /// <param name="address">Where others reach it; null for a socket that only sends.</param>
    /// <param name="connectTo">Where it sends to, and the only one it then receives from; null for none.</param>
    /// <param name="mode">The mode of its file.</param>
    /// <param name="force">Take the place of a socket file that nobody serves.</param>
    /// <param name="passCredential">Ask the kernel who sent each message (Linux).</param>
    /// <exception cref="NativeSocketException"><c>EADDRINUSE</c>: somebody has the address; <c>EEXIST</c>: what lies
    /// there is no socket; <c>ENOENT</c>, <c>ENOTDIR</c>, <c>EACCES</c>: the directory; <c>ECONNREFUSED</c>: nobody
    /// serves what it was to connect to.</exception>
    /// <exception cref="PlatformNotSupportedException">Credentials on a platform without them.</exception>
    public static UnixDatagramSocket CreateDatagram(
        UnixAddress? address, UnixAddress? connectTo = null, UnixFileMode mode = OwnerOnly, bool force = false,
        bool passCredential = false)
    {
        SafeSocketHandle handle = Libc.Socket(Abi.Current.AfUnix, Abi.Current.SockDgram);
        UnixSocketFile? file = null;
        try
        {
            MakeRoom(handle);
            RequestCredentials(handle, passCredential);
            file = address is null ? null : UnixSocketFile.Bind(handle, address, mode, force);
            if (connectTo is not null && Libc.Connect(handle, connectTo.SockAddr) is { } error)
            {
                throw new NativeSocketException(
                    "connect", error, connectTo.ToString(), UnixConnector.Advice(error, connectTo));
            }

            return new UnixDatagramSocket(
                handle,
                new SocketKind(AddressFamily.Unix, SocketType.Dgram, IsListening: false),
                new SocketOrigin
                {
                    Local = address is null ? null : SocketName.Of(address),
                    Remote = SocketName.Of(connectTo),
                })
            {
                File = file,
            };
        }
        catch
        {
            file?.Delete();
            handle.Dispose();
            throw;
        }
    }

    /// <summary>A listener for stream or seqpacket connections.</summary>
    /// <param name="type">Stream or Seqpacket (Linux).</param>
    /// <param name="address">Where it listens.</param>
    /// <param name="backlog">How many connections may wait to be accepted, 0 or more (listen(2)); the kernel caps it at
    /// <c>net.core.somaxconn</c>.</param>
    /// <param name="mode">The mode of its file.</param>
    /// <param name="force">Take the place of a socket file that nobody serves.</param>
    /// <param name="passCredential">Ask the kernel who sent each message on the connections (Linux).</param>
    /// <exception cref="NativeSocketException"><c>EADDRINUSE</c>: somebody has the address; <c>EEXIST</c>: what lies
    /// there is no socket; <c>ENOENT</c>, <c>ENOTDIR</c>, <c>EACCES</c>: the directory.</exception>
    /// <exception cref="PlatformNotSupportedException">Seqpacket sockets or credentials on a platform without
    /// them.</exception>
    public static SocketListener Listen(
        SocketType type, UnixAddress address, int backlog = DefaultBacklog, UnixFileMode mode = OwnerOnly,
        bool force = false, bool passCredential = false)
    {
        ArgumentNullException.ThrowIfNull(address);
        SafeSocketHandle handle = Libc.Socket(Abi.Current.AfUnix, TypeNumber(type));
        UnixSocketFile? file = null;
        try
        {
            // Accepted sockets inherit it from the listener, so that the first message already has them.
            RequestCredentials(handle, passCredential);
            file = UnixSocketFile.Bind(handle, address, mode, force);
            Libc.Listen(handle, backlog, address.ToString());
            return new SocketListener(
                handle,
                type is SocketType.Stream ? SocketListenerKind.UnixStream : SocketListenerKind.Seqpacket,
                AddressFamily.Unix)
            {
                Backlog = backlog,
                File = file,
                PassCredential = passCredential,
            };
        }
        catch
        {
            file?.Delete();
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Connects to a listener, and waits while its queue is full.</summary>
    /// <param name="type">Stream or Seqpacket (Linux).</param>
    /// <param name="address">Where it listens.</param>
    /// <param name="local">A name for this side; null for none.</param>
    /// <param name="passCredential">Ask the kernel who sent each message (Linux).</param>
    /// <param name="timeout">How long to wait at the most; null is for ever.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TimeoutException">The queue stayed full.</exception>
    /// <exception cref="NativeSocketException"><c>ECONNREFUSED</c>: nobody listens; <c>ENOENT</c>: no such file;
    /// <c>EPROTOTYPE</c>: the socket there is of another type; <c>EACCES</c>: no permission.</exception>
    /// <exception cref="PlatformNotSupportedException">Seqpacket sockets or credentials on a platform without
    /// them.</exception>
    public static NetSocket Connect(
        SocketType type, UnixAddress address, UnixAddress? local = null, bool passCredential = false,
        TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(address);
        SafeSocketHandle handle = Libc.Socket(Abi.Current.AfUnix, TypeNumber(type));
        UnixSocketFile? file = null;
        try
        {
            RequestCredentials(handle, passCredential);
            file = local is null ? null : UnixSocketFile.Bind(handle, local, OwnerOnly, force: null);
            UnixConnector.Connect(handle, address, timeout, cancellationToken);
            SocketKind kind = new(AddressFamily.Unix, type, IsListening: false);
            SocketOrigin origin = new()
            {
                Local = local is null ? null : SocketName.Of(local),
                Remote = SocketName.Of(address),
            };
            return type is SocketType.Stream
                ? new StreamSocket(handle, kind, origin) { File = file }
                : new SeqpacketSocket(handle, kind, origin) { File = file };
        }
        catch
        {
            file?.Delete();
            handle.Dispose();
            throw;
        }
    }

    // Without it macOS takes no datagram of more than 2 KiB, and keeps 4 KiB of them.
    private static void MakeRoom(SafeSocketHandle handle)
    {
        if (Abi.Current.DatagramBufferSize is > 0 and int size)
        {
            SocketOptions.SendBufferSize.Set(handle, size);
            SocketOptions.ReceiveBufferSize.Set(handle, size);
        }
    }

    private static void RequestCredentials(SafeSocketHandle handle, bool wanted)
    {
        if (wanted)
        {
            Abi.Current.RequireMessageCredentials();
            SocketOptions.PassCredential.Set(handle, true);
        }
    }

    private static int TypeNumber(SocketType type)
    {
        Abi abi = Abi.Current;
        if (type is SocketType.Seqpacket)
        {
            abi.RequireSeqpacket();
        }

        return type switch
        {
            SocketType.Stream => abi.SockStream,
            SocketType.Seqpacket => abi.SockSeqpacket,
            SocketType.Dgram => abi.SockDgram,
            _ => throw new ArgumentOutOfRangeException(
                nameof(type), type, "The accepted types are Stream, Seqpacket and Dgram."),
        };
    }
}
