using System;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using NetKeepAlive.Addresses;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Interop;
using NetKeepAlive.Sockets;
using NetKeepAlive.Sockets.Listeners;
using NetKeepAlive.Waiting;

namespace NetKeepAlive;

/// <summary>A connected or message socket.</summary>
public abstract partial class NetSocket : SocketObject
{
    private readonly object _gate = new();
    private readonly SocketName? _remote;
    private readonly bool _isBorrowed;
    private volatile bool _readEnded;
    private volatile bool _writeEnded;
    private volatile bool _peerEnded;
    private volatile bool _endedByItself;
    private ConnectionTicket? _ticket;

    private protected NetSocket(SafeSocketHandle handle, SocketKind kind, SocketOrigin? origin)
        : base(handle, kind, origin)
    {
        SocketType = kind.Type;
        _isBorrowed = origin?.Borrowed is not null;
        _remote = origin?.Remote ?? SocketName.Peer(handle);
    }

    /// <summary>Stream, Seqpacket or Dgram.</summary>
    public SocketType SocketType { get; }

    /// <summary>The peer's Internet address; null for Unix sockets, where there is no peer, and once closed.</summary>
    public IPAddress? RemoteAddress => Remote?.Address;

    /// <summary>The peer's port; null for Unix sockets, where there is no peer, and once closed.</summary>
    public int? RemotePort => Remote?.Ip?.Port;

    /// <summary>The path (or <c>@name</c>) of the peer; null where it has none, and once closed.</summary>
    public string? RemotePath => Remote?.Unix?.Name;

    /// <summary>Which directions are open now: none after an error that ended the connection.</summary>
    public SocketState State => IsClosed ? SocketState.Closed
        : (_readEnded || _peerEnded, _writeEnded) switch
        {
            (false, false) => SocketState.Open,
            (false, true) => SocketState.ReadOnly,
            (true, false) => SocketState.WriteOnly,

            // What the peer has sent is not all received yet; and of a borrowed socket the owner has the say.
            _ => _readEnded ? SocketState.Closed : SocketState.ReadOnly,
        };

    /// <summary>Process, user and group of the peer when it connected (SO_PEERCRED); null for Internet sockets, without
    /// a peer, where the platform has none, and once closed.</summary>
    public PeerCredential? PeerCredential
    {
        get
        {
            if (HasClosed || AddressFamily is not AddressFamily.Unix)
            {
                return null;
            }

            try
            {
                PeerCredential peer = Abi.Current.GetPeerCredential(Handle);
                return peer.OwningProcess == 0 && peer.UserId == uint.MaxValue ? null : peer;
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

    /// <summary>The peer's name; null without a peer and once closed.</summary>
    internal SocketName? Remote => HasClosed ? null : _remote;

    /// <summary>Has the peer's end been received, or has receiving been shut down?</summary>
    private protected bool IsReadEnded => _readEnded;

    /// <summary>Has sending been shut down?</summary>
    private protected bool IsWriteEnded => _writeEnded;

    /// <summary>Was it closed because the connection had ended? Receiving then finds the end still, and sending is refused as
    /// the kernel refuses it.</summary>
    private protected bool IsGone => _endedByItself;

    /// <summary>Does it have connections, and so an end?</summary>
    private protected virtual bool HasEnd => true;

    /// <inheritdoc/>
    private protected override bool ClosesInOrder =>
        HasEnd && _remote is not null && !_endMarked && (BytesSent > 0 || HasNetSocket);

    /// <summary>Makes the right kind of socket for a handle and takes the handle over.</summary>
    /// <exception cref="NotASocketException">It is a socket of another kind: a listener, UDP.</exception>
    /// <exception cref="NativeSocketException"><c>ENOTSOCK</c>: it is no socket.</exception>
    public static NetSocket FromHandle(SafeSocketHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        return SocketKind.Of(handle).CreateSocket(handle, origin: null);
    }

    /// <summary>Ends sending, receiving or both, as shutdown(2) does: a half-close. A connection of which both sides have
    /// ended is closed.</summary>
    /// <exception cref="NativeSocketException"><c>ENOTCONN</c>: there is no peer.</exception>
    public virtual void Shutdown(SocketShutdown how)
    {
        ThrowIfClosed();
        if (HasEnd && _remote is not null)
        {
            Libc.ShutdownConnected(Handle, how, Describe());
        }
        else
        {
            Libc.Shutdown(Handle, how, Describe());
        }

        _writeEnded |= how is SocketShutdown.Send or SocketShutdown.Both;
        _readEnded |= how is SocketShutdown.Receive or SocketShutdown.Both;
        Wakers.Wake();
        CloseWhenEnded(hadError: false);
    }

    /// <summary>The socket in words: its address and its peer's.</summary>
    public override string ToString()
    {
        string local = KnownLocal?.Label ?? string.Empty;
        string remote = _remote?.Label ?? string.Empty;
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

        string local = KnownLocal?.ToString() ?? string.Empty;
        return local.Length > 0 ? local : null;
    }

    /// <summary>Counts this socket among a listener's connections until it is closed.</summary>
    internal void Hold(ConnectionTicket ticket) => _ticket = ticket;

    /// <inheritdoc/>
    private protected override void OnClosed(bool hadError)
    {
        _idle?.Dispose();
        _ticket?.Release();
        RaiseClosed(hadError);
    }

    /// <summary>Refuses to send on what is closed.</summary>
    private protected void ThrowIfGone()
    {
        if (IsGone)
        {
            throw new NativeSocketException("send", Errno.EPIPE, Target(to: null), Advice("send", Errno.EPIPE, to: null));
        }

        ThrowIfClosed();
    }

    // A connection of which both sides have ended can do nothing more: its descriptor and its place are let go.
    private void CloseWhenEnded(bool hadError)
    {
        if (_readEnded && _writeEnded && HasEnd && !_isBorrowed && !HasClosed)
        {
            _endedByItself = true;
            Close(hadError);
        }
    }
}
