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
using NetKeepAlive.Sockets.Unix;
using NetKeepAlive.Waiting;

namespace NetKeepAlive;

/// <summary>
/// A listening socket: TCP, Unix stream or seqpacket. It listens from birth until it is closed; what it has accepted
/// lives on.
/// </summary>
public sealed partial class SocketListener : IDisposable, IEventOwner
{
    private readonly Wakers _wakers = new();
    private readonly SocketName _local;
    private readonly string _name;
    private readonly SocketKind _accepted;
    private readonly Socket? _borrowed;
    private readonly SocketDescriptor _descriptor;
    private int _closed;
    private int _connections;
    private int _maxConnection;

    internal SocketListener(
        SafeSocketHandle handle, SocketListenerKind kind, AddressFamily family, Socket? borrowed = null)
    {
        _borrowed = borrowed;
        Handle = handle;
        Kind = kind;
        AddressFamily = family;
        _local = SocketName.Local(handle);
        _name = _local.ToString();
        SocketType type = kind is SocketListenerKind.Seqpacket ? SocketType.Seqpacket : SocketType.Stream;
        _accepted = new SocketKind(family, type, IsListening: false);
        _events = new EventSource(this);
        _loop = new EventLoop(this, _events);

        // What waits for connections polls first; but another process that shares the socket may be faster.
        if (borrowed is null)
        {
            RuntimeShim.SetNonBlocking(handle);
        }

        _descriptor = new SocketDescriptor(handle, family, borrowed, isBorrowed: borrowed is not null);
    }

    /// <summary>What it accepts.</summary>
    public SocketListenerKind Kind { get; }

    /// <summary>How many connections may wait to be accepted, as it was asked for; null for a listener that came from
    /// elsewhere.</summary>
    public int? Backlog { get; internal init; }

    /// <summary>How many accepted connections may be open at a time; what comes beyond is closed at once and reported
    /// by <see cref="ConnectionDropped"/>. 0 is no limit.</summary>
    public int MaxConnection
    {
        get => Volatile.Read(ref _maxConnection);
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            Volatile.Write(ref _maxConnection, value);
        }
    }

    /// <summary>How many of the accepted connections are open now.</summary>
    public int ConnectionCount => Volatile.Read(ref _connections);

    /// <summary>Does it listen? It does until it is closed.</summary>
    public bool IsListening => !IsClosed;

    /// <summary>Has it been closed?</summary>
    public bool IsClosed => Volatile.Read(ref _closed) != 0;

    /// <summary>The family of its address.</summary>
    public AddressFamily AddressFamily { get; }

    /// <summary>The Internet address it listens on; null for Unix sockets and once closed.</summary>
    public IPAddress? LocalAddress => IsClosed ? null : _local.Ip?.Address;

    /// <summary>The port it listens on; null for Unix sockets and once closed.</summary>
    public int? LocalPort => IsClosed ? null : _local.Ip?.Port;

    /// <summary>The path (or <c>@name</c>) it listens on; null for TCP and once closed.</summary>
    public string? LocalPath => IsClosed ? null : _local.Unix?.ToString();

    /// <summary>The .NET socket, for interop with .NET; made when first asked for.</summary>
    /// <exception cref="ObjectDisposedException">The listener is closed.</exception>
    public Socket Socket => _descriptor.Socket;

    internal SafeSocketHandle Handle { get; }

    SafeSocketHandle IWaitable.Handle => Handle;

    Wakers IWaitable.Wakers => _wakers;

    /// <summary>The file that it made by binding; null where there is none.</summary>
    internal UnixSocketFile? File { get; init; }

    /// <summary>Do the accepted sockets ask who sent each message?</summary>
    internal bool PassCredential { get; init; }

    /// <summary>Makes a listener of a handle that listens already, and takes the handle over.</summary>
    /// <exception cref="NotASocketException">It does not listen.</exception>
    /// <exception cref="NativeSocketException"><c>ENOTSOCK</c>: it is no socket.</exception>
    public static SocketListener FromHandle(SafeSocketHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        return Create(handle, borrowed: null);
    }

    /// <summary>Makes a listener of a socket that somebody else owns, and who may count on its blocking mode.</summary>
    internal static SocketListener Borrow(Socket socket) => Create(socket.SafeHandle, socket);

    private static SocketListener Create(SafeSocketHandle handle, Socket? borrowed)
    {
        SocketKind kind = SocketKind.Of(handle);
        if (!kind.IsListening)
        {
            throw NotASocketException.Saying("The socket does not listen.");
        }

        SocketListenerKind listener = kind switch
        {
            { Family: AddressFamily.Unix, Type: SocketType.Seqpacket } => SocketListenerKind.Seqpacket,
            { Family: AddressFamily.Unix } => SocketListenerKind.UnixStream,
            _ => SocketOptions.ReusePort.Get(handle) ? SocketListenerKind.Reuseport : SocketListenerKind.Tcp,
        };
        return new SocketListener(handle, listener, kind.Family, borrowed);
    }

    /// <summary>Accepts the next connection, and waits while there is none.</summary>
    /// <param name="timeout">How long to wait at the most; null is for ever.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TimeoutException">The time was over before anyone connected.</exception>
    /// <exception cref="NativeSocketException">The kernel refused: <c>EMFILE</c>.</exception>
    /// <exception cref="ObjectDisposedException">The listener is closed.</exception>
    public NetSocket Accept(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        if (TryAccept(out NetSocket? socket))
        {
            return socket!;
        }

        Readiness readiness = TakeReadiness(cancellationToken);
        WaitLoop waiting = new(timeout, readiness);
        try
        {
            while (!TryAccept(out socket))
            {
                waiting.Again(this, WaitDirection.Receive);
            }
        }
        finally
        {
            GiveBack(readiness);
        }

        return socket!;
    }

    /// <summary>Closes the listener and removes its file; what it has accepted lives on. Harmless when
    /// repeated.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
        {
            return;
        }

        _loop.Dispose();
        _closing.Cancel();
        _wakers.WakeAndLeave();
        Interlocked.Exchange(ref _spareReadiness, null)?.Dispose();
        File?.Delete();
        _descriptor.Close();
        _borrowed?.Dispose();
        RaiseClosedWhenDone();
    }

    /// <summary>The listener in words.</summary>
    public override string ToString() => _name;

    /// <summary>Accepts the next connection, without waiting. Those beyond the limit are closed and reported.</summary>
    /// <returns>False when none waits.</returns>
    internal bool TryAccept(out NetSocket? socket)
    {
        Span<byte> name = stackalloc byte[SockAddr.MaximumSize];
        socket = null;
        while (!IsSuspended)
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            if (!TryAcceptHandle(name, out SafeSocketHandle? handle, out int length, out Socket? accepted))
            {
                return false;
            }

            if (Admit(handle!, SocketName.Decode(name[..length]), accepted) is { } admitted)
            {
                socket = admitted;
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    TimeoutException IWaitable.TimedOut(WaitDirection direction, Deadline deadline) =>
        deadline.TimedOut($"accept {_name}: nobody connected");

    /// <inheritdoc/>
    WaitMode IWaitable.PrepareWait(WaitDirection direction) =>
        IsClosed ? WaitMode.Ready : IsSuspended ? WaitMode.Signal : WaitMode.Descriptor;

    private bool TryAcceptHandle(Span<byte> name, out SafeSocketHandle? handle, out int length, out Socket? accepted)
    {
        accepted = null;
        if (_borrowed is null)
        {
            try
            {
                handle = Libc.Accept(Handle, name, out length, _name);
            }
            catch (NativeSocketException) when (IsClosed)
            {
                throw new ObjectDisposedException(nameof(SocketListener));
            }

            return handle is not null;
        }

        accepted = _borrowed.Poll(0, SelectMode.SelectRead) ? _borrowed.Accept() : null;
        handle = accepted?.SafeHandle;
        length = 0;
        _ = handle is not null && Libc.GetPeerName(handle, name, out length);
        return handle is not null;
    }

    // Makes a connection's object, or turns the connection away.
    private NetSocket? Admit(SafeSocketHandle handle, SocketName remote, Socket? accepted = null)
    {
        int open = Interlocked.Increment(ref _connections);
        ConnectionTicket ticket = new(Release);
        string? refusal = Accepted.Refuses(remote.Ip)
            ?? (MaxConnection is > 0 and int limit && open > limit ? $"the limit of open connections is {limit}" : null);
        if (refusal is not null)
        {
            RaiseDropped(handle, remote, refusal);
            ticket.Release();

            if (accepted is null)
            {
                OrderlyClose.Close(handle);
            }

            accepted?.Dispose();
            return null;
        }

        NetSocket socket = _accepted.CreateSocket(handle, new SocketOrigin { Remote = remote, Socket = accepted });
        socket.Hold(ticket);
        try
        {
            Welcome(socket);
            return socket;
        }
        catch (NativeSocketException ended) when (ended.Is(Errno.EINVAL) || ended.Is(Errno.ECONNRESET))
        {
            // The options of a connection that its peer has reset meanwhile cannot be set where they are not handed down.
            RaiseDropped(handle, remote, "the peer has ended the connection");
            socket.Dispose();
            return null;
        }
    }

    private void Release()
    {
        if (Interlocked.Decrement(ref _connections) == 0 && IsClosed)
        {
            RaiseClosedWhenDone();
        }
    }
}
