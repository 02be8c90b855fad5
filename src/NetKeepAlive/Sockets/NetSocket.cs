using System;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using NetKeepAlive.Addresses;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Events;
using NetKeepAlive.Interop;
using NetKeepAlive.Options;
using NetKeepAlive.Sockets;
using NetKeepAlive.Sockets.Listeners;
using NetKeepAlive.Waiting;

namespace NetKeepAlive;

/// <summary>
/// A connected or message socket. It owns its descriptor, which is closed by <see cref="Dispose"/>; closing it while
/// another thread waits for it ends that wait.
/// </summary>
public abstract partial class NetSocket : IDisposable, IEventOwner
{
    private readonly object _gate = new();
    private readonly SocketDescriptor _descriptor;
    private SocketName? _local;
    private SocketName? _remote;
    private int _closed;
    private volatile bool _readEnded;
    private volatile bool _writeEnded;
    private ConnectionTicket? _ticket;

    private protected NetSocket(SafeSocketHandle handle, SocketKind kind, SocketOrigin? origin)
    {
        Handle = handle;
        AddressFamily = kind.Family;
        SocketType = kind.Type;
        _local = origin?.Local;
        _remote = origin?.Remote ?? SocketName.Peer(handle);
        _events = new EventSource(this);
        _loop = new EventLoop(this, _events);

        // Last, for what fails before leaves the handle to the caller.
        _descriptor = new SocketDescriptor(handle, kind.Family, origin?.Socket, origin?.IsBorrowed is true);
    }

    /// <summary>The .NET socket, for interop with .NET; made when first asked for. Its descriptor is this object's, so
    /// leave it to this object to close.</summary>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public Socket Socket => _descriptor.Socket;

    /// <summary>The family of its addresses.</summary>
    public AddressFamily AddressFamily { get; }

    /// <summary>Stream, Seqpacket or Dgram.</summary>
    public SocketType SocketType { get; }

    /// <summary>The socket's own Internet address; null for Unix sockets, and once closed.</summary>
    public IPAddress? LocalAddress => Local?.Ip?.Address;

    /// <summary>The socket's own port; null for Unix sockets, and once closed.</summary>
    public int? LocalPort => Local?.Ip?.Port;

    /// <summary>The peer's Internet address; null for Unix sockets, where there is no peer, and once closed.</summary>
    public IPAddress? RemoteAddress => Remote?.Ip?.Address;

    /// <summary>The peer's port; null for Unix sockets, where there is no peer, and once closed.</summary>
    public int? RemotePort => Remote?.Ip?.Port;

    /// <summary>The path (or <c>@name</c>) of the socket itself; null where it has none, and once closed.</summary>
    public string? LocalPath => Local?.Unix?.ToString();

    /// <summary>The path (or <c>@name</c>) of the peer; null where it has none, and once closed.</summary>
    public string? RemotePath => Remote?.Unix?.ToString();

    /// <summary>Which directions are open, as far as this object has seen: none after an error that ended the
    /// connection.</summary>
    public SocketState State => IsClosed ? SocketState.Closed
        : (_readEnded, _writeEnded) switch
        {
            (false, false) => SocketState.Open,
            (false, true) => SocketState.ReadOnly,
            (true, false) => SocketState.WriteOnly,
            _ => SocketState.Closed,
        };

    /// <summary>Has this object been closed?</summary>
    public bool IsClosed => Volatile.Read(ref _closed) != 0;

    /// <summary>Process, user and group of the peer when it connected (SO_PEERCRED); null for Internet sockets, without
    /// a peer, where the platform has none, and once closed.</summary>
    public PeerCredential? PeerCredential
    {
        get
        {
            if (IsClosed || AddressFamily is not AddressFamily.Unix)
            {
                return null;
            }

            try
            {
                PeerCredential peer = Abi.Current.GetPeerCredential(Handle);
                return peer.ProcessId == 0 && peer.UserId == uint.MaxValue ? null : peer;
            }
            catch (NativeSocketException none) when (none.Is(Errno.ENOTCONN) || none.Is(Errno.EINVAL))
            {
                return null;
            }
        }
    }

    /// <summary>How many bytes this object has received.</summary>
    public long BytesReceived => Volatile.Read(ref _bytesReceived);

    /// <summary>How many bytes this object has sent.</summary>
    public long BytesSent => Volatile.Read(ref _bytesSent);

    /// <summary>The handle, for the core.</summary>
    internal SafeSocketHandle Handle { get; }

    SafeSocketHandle IWaitable.Handle => Handle;

    Wakers IWaitable.Wakers => Wakers;

    /// <summary>Those who wait for this socket now.</summary>
    private protected Wakers Wakers { get; } = new();

    /// <summary>The socket's own name; null once closed.</summary>
    internal SocketName? Local => IsClosed ? null : _local ??= SocketName.Local(Handle);

    /// <summary>The peer's name; null without a peer and once closed.</summary>
    internal SocketName? Remote => IsClosed ? null : _remote;

    /// <summary>Has the peer ended its side, or has receiving been shut down?</summary>
    private protected bool IsReadEnded => _readEnded;

    /// <summary>Has sending been shut down?</summary>
    private protected bool IsWriteEnded => _writeEnded;

    /// <summary>Makes the right kind of socket for a handle and takes the handle over.</summary>
    /// <exception cref="NotASocketException">It is a socket of another kind: a listener, UDP.</exception>
    /// <exception cref="NativeSocketException"><c>ENOTSOCK</c>: it is no socket.</exception>
    public static NetSocket FromHandle(SafeSocketHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        return SocketKind.Of(handle).CreateSocket(handle, origin: null);
    }

    /// <summary>Ends sending, receiving or both, as shutdown(2) does: a half-close.</summary>
    /// <exception cref="NativeSocketException"><c>ENOTCONN</c>: there is no peer.</exception>
    public virtual void Shutdown(SocketShutdown how)
    {
        ThrowIfClosed();
        Libc.Shutdown(Handle, how, Describe());
        _writeEnded |= how is SocketShutdown.Send or SocketShutdown.Both;
        _readEnded |= how is SocketShutdown.Receive or SocketShutdown.Both;
        Wakers.Wake();
    }

    /// <summary>Closes the socket. Whoever waits for it gets an error. Harmless when repeated.</summary>
    public void Dispose()
    {
        Close(hadError: false);
        GC.SuppressFinalize(this);
    }

    /// <summary>The socket in words: its address and its peer's.</summary>
    public override string ToString()
    {
        string local = (IsClosed ? _local : Local)?.ToString() ?? string.Empty;
        string remote = _remote?.ToString() ?? string.Empty;
        return (local.Length, remote.Length) switch
        {
            (0, 0) => GetType().Name,
            (_, 0) => local,
            _ => $"{local} -> {remote}".TrimStart(),
        };
    }

    /// <summary>The peer, or else the socket's own name, in words; null where there is neither.</summary>
    internal string? Describe()
    {
        string remote = _remote?.ToString() ?? string.Empty;
        if (remote.Length > 0)
        {
            return remote;
        }

        string local = (IsClosed ? _local : Local)?.ToString() ?? string.Empty;
        return local.Length > 0 ? local : null;
    }

    /// <summary>Closes the socket.</summary>
    /// <param name="hadError">Is it because of an error?</param>
    internal void Close(bool hadError)
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
        {
            return;
        }

        StopEvents();
        Wakers.WakeAndLeave();
        OnClosing();
        _descriptor.Close();
        _ticket?.Release();
        RaiseClosed(hadError);
    }

    /// <summary>Counts this socket among a listener's connections until it is closed.</summary>
    internal void Hold(ConnectionTicket ticket) => _ticket = ticket;

    /// <summary>Called once when the socket is closed, before its descriptor is.</summary>
    private protected virtual void OnClosing()
    {
    }

    private protected void ThrowIfClosed() => ObjectDisposedException.ThrowIf(IsClosed, this);

    /// <inheritdoc/>
    WaitMode IWaitable.PrepareWait(WaitDirection direction) => PrepareWait(direction);
}
