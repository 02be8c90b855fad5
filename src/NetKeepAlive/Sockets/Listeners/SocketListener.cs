using System;
using System.Collections.Generic;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Addresses;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Interop;
using NetKeepAlive.Options;
using NetKeepAlive.Sockets;
using NetKeepAlive.Sockets.Listeners;
using NetKeepAlive.Waiting;

namespace NetKeepAlive;

/// <summary>
/// A listening socket: TCP, Unix stream or seqpacket. It listens as soon as it is created, until it is closed; what it
/// has accepted lives on.
/// </summary>
public sealed partial class SocketListener : SocketObject
{
    private readonly object _acceptGate = new();
    private readonly string _name;
    private readonly SocketKind _accepted;
    private readonly SharedMode _mode;
    private readonly bool _isBorrowed;
    private Readiness? _spareReadiness;

    // A place for each connection; empty while it is being admitted. Who forgets a connection without closing it is not to
    // be held up by this.
    private readonly LinkedList<WeakReference<NetSocket>?> _open = new();
    private int _maxConnection;

    internal SocketListener(
        SafeSocketHandle handle, SocketListenerKind kind, AddressFamily family, Socket? borrowed = null)
        : base(handle, Listens(kind, family), new SocketOrigin { Borrowed = borrowed })
    {
        Kind = kind;
        _name = KnownLocal?.ToString() ?? string.Empty;
        _accepted = Listens(kind, family) with { IsListening = false };

        // What waits for connections polls first; but another process that shares the socket may be faster. Of a .NET
        // socket .NET's own engine waits, whatever the mode is.
        _isBorrowed = borrowed is not null;
        _mode = new SharedMode(handle);
        ChangesSharedMode = _mode.IsChanged;
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
    public int ConnectionCount
    {
        get
        {
            LookAtConnections();
            return KnownCount;
        }
    }

    private int KnownCount
    {
        get
        {
            lock (_open)
            {
                return _open.Count;
            }
        }
    }

    /// <summary>Does it listen? It does until it is closed.</summary>
    public bool IsListening => !IsClosed;

    /// <summary>What it does for the connections that it accepts.</summary>
    public AcceptedSocketSettings Accepted { get; internal set; } = AcceptedSocketSettings.None;

    /// <summary>Does another process wait inside accept(2) on the same socket? From now on its calls return at once with
    /// <c>EAGAIN</c>, until this listener is closed: accept(2) has no flag that says so for one call.</summary>
    internal bool ChangesSharedMode { get; }

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

    /// <summary>Makes a listener of a handle that was made to listen with a backlog.</summary>
    internal static SocketListener FromHandle(SafeSocketHandle handle, int backlog) =>
        Create(handle, borrowed: null, backlog);

    /// <summary>Makes a listener of a .NET socket that somebody else owns.</summary>
    internal static SocketListener Borrow(Socket socket) => Create(socket.SafeHandle, socket);

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

    /// <summary>The listener in words.</summary>
    public override string ToString() => KnownLocal?.Label ?? _name;

    /// <summary>Accepts the next connection; no thread waits meanwhile. Does not accept while suspended.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The listener is closed.</exception>
    /// <exception cref="SocketException">The kernel refused; the listener goes on listening unless it is
    /// closed.</exception>
    internal async Task<NetSocket> AcceptNextAsync(CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (TryAccept(out NetSocket? socket, cancellation))
            {
                return socket!;
            }

            await Watcher.WhenReadyAsync(this, WaitDirection.Receive, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Accepts the next connection, without waiting. Those beyond the limit are closed and reported.</summary>
    /// <returns>False when none waits.</returns>
    /// <exception cref="OperationCanceledException">Cancelled: nobody was let in.</exception>
    internal bool TryAccept(out NetSocket? socket, CancellationToken cancellation = default)
    {
        Span<byte> name = stackalloc byte[SockAddr.MaximumSize];
        ThrowIfClosed();
        while (TryAcceptHandle(name, out int length, cancellation) is { } handle)
        {
            socket = Admit(handle, SocketName.Decode(name[..length]));
            if (socket is not null)
            {
                return true;
            }
        }

        socket = null;
        return false;
    }

    /// <inheritdoc/>
    private protected override TimeoutException TimedOut(WaitDirection direction, Deadline deadline) =>
        deadline.TimedOut($"accept {_name}: nobody connected");

    /// <inheritdoc/>
    private protected override WaitMode PrepareWait(WaitDirection direction) =>
        HasClosed ? WaitMode.Ready : IsSuspended ? WaitMode.Signal : WaitMode.Descriptor;

    /// <inheritdoc/>
    private protected override void OnSuspended() => WaitForAccepts();

    /// <inheritdoc/>
    private protected override void OnClosing()
    {
        Interlocked.Exchange(ref _spareReadiness, null)?.Dispose();
        _mode.Restore();
    }

    private static SocketKind Listens(SocketListenerKind kind, AddressFamily family) => new(
        family, kind is SocketListenerKind.Seqpacket ? SocketType.Seqpacket : SocketType.Stream, IsListening: true);

    private static SocketListener Create(SafeSocketHandle handle, Socket? borrowed, int? backlog = null)
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
        return new SocketListener(handle, listener, kind.Family, borrowed) { Backlog = backlog };
    }

    // Whoever was about to accept has done so: from here on a suspended listener, and events that have ended, let nobody
    // in.
    private void WaitForAccepts()
    {
        lock (_acceptGate)
        {
        }
    }

    // Null when none waits, and while suspended.
    private SafeSocketHandle? TryAcceptHandle(Span<byte> name, out int length, CancellationToken cancellation)
    {
        try
        {
            lock (_acceptGate)
            {
                cancellation.ThrowIfCancellationRequested();
                length = 0;
                return IsSuspended ? null
                    : _isBorrowed || SharedSockets.Contains(Handle) ? TryAcceptShared(name, out length)
                    : Libc.Accept(Handle, name, out length, _name);
            }
        }
        catch (NativeSocketException) when (HasClosed)
        {
            throw new ObjectDisposedException(nameof(SocketListener));
        }
    }

    // Whoever else has it may have made it wait again. Where nobody connects, their mode is left as it is.
    private SafeSocketHandle? TryAcceptShared(Span<byte> name, out int length)
    {
        length = 0;
        if (!Libc.Tells(Handle, Abi.Current.PollIn))
        {
            return null;
        }

        lock (SharedMode.Gate)
        {
            _mode.Take();
            return Libc.Accept(Handle, name, out length, _name);
        }
    }

    // Makes a connection's object, or turns the connection away.
    private NetSocket? Admit(SafeSocketHandle handle, SocketName remote)
    {
        LinkedListNode<WeakReference<NetSocket>?> place = new(null);
        lock (_open)
        {
            _open.AddLast(place);
        }

        ConnectionTicket ticket = new(() => Release(place));
        string? refusal = Accepted.Refuses(remote.Ip)
            ?? (MaxConnection is > 0 and int limit && IsOver(limit) ? $"the limit of open connections is {limit}" : null);
        if (refusal is not null)
        {
            RaiseDropped(handle, remote, refusal);
            ticket.Release();
            PlainClose.Close(handle);
            return null;
        }

        NetSocket socket = _accepted.CreateSocket(handle, new SocketOrigin { Remote = remote });
        socket.Hold(ticket);
        place.Value = new WeakReference<NetSocket>(socket);
        try
        {
            Accepted.Welcome(socket);
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

    // Those whose peers have gone meanwhile make room.
    private bool IsOver(int limit) => KnownCount > limit && ConnectionCount > limit;

    private void LookAtConnections()
    {
        List<NetSocket> open = [];
        lock (_open)
        {
            foreach (WeakReference<NetSocket>? it in _open)
            {
                if (it is not null && it.TryGetTarget(out NetSocket? socket))
                {
                    open.Add(socket);
                }
            }
        }

        NetSocket.LookAt(open);
    }

    private void Release(LinkedListNode<WeakReference<NetSocket>?> place)
    {
        lock (_open)
        {
            _open.Remove(place);
        }

        if (HasClosed)
        {
            RaiseClosedWhenDone();
        }
    }

    // A server that is faster than its clients waits before nearly every connection: what it waits with is kept.
    private Readiness TakeReadiness(CancellationToken cancellation) =>
        cancellation.CanBeCanceled
            ? new Readiness(cancellation)
            : Interlocked.Exchange(ref _spareReadiness, null) ?? new Readiness(CancellationToken.None);

    private void GiveBack(Readiness readiness)
    {
        bool isKept = !readiness.Cancellation.CanBeCanceled
            && Interlocked.CompareExchange(ref _spareReadiness, readiness, null) is null;
        if (!isKept)
        {
            readiness.Dispose();
        }
        else if (HasClosed)
        {
            Interlocked.Exchange(ref _spareReadiness, null)?.Dispose();
        }
    }
}
