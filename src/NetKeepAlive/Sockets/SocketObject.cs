using System;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Addresses;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Events;
using NetKeepAlive.Sockets;
using NetKeepAlive.Sockets.Unix;
using NetKeepAlive.Waiting;

namespace NetKeepAlive;

/// <summary>What owns a socket: a connected or message socket, or a listener. Its descriptor is closed by
/// <see cref="Close()"/>; closing it while another thread waits for it ends that wait.</summary>
public abstract class SocketObject : IDisposable, IWaitable
{
    private readonly SocketDescriptor _descriptor;
    private SocketName? _local;
    private SocketEvents? _events;
    private Suspension? _suspension;
    private EventHandler<SocketErrorEventArgs>? _errorOccurred;
    private EventHandler<SocketClosedEventArgs>? _closedHandlers;
    private int _closed;

    private protected SocketObject(SafeSocketHandle handle, SocketKind kind, SocketOrigin? origin)
    {
        Handle = handle;
        AddressFamily = kind.Family;
        _local = origin?.Local;

        // What fails from here on leaves the handle to the caller.
        _descriptor = new SocketDescriptor(handle, kind.Family, !kind.IsListening, origin?.Borrowed, this);
    }

    /// <summary>Something failed in the background, or in a handler of an event.</summary>
    public event EventHandler<SocketErrorEventArgs>? ErrorOccurred
    {
        add => AddHandler(ref _errorOccurred, value, Watching);
        remove => RemoveHandler(ref _errorOccurred, value, null);
    }

    /// <summary>It was closed: by whoever holds it, after an error, or because both sides of the connection have ended.
    /// A listener raises it when the last of its connections has ended, too.</summary>
    public event EventHandler<SocketClosedEventArgs>? Closed
    {
        add => AddHandler(ref _closedHandlers, value, Watching);
        remove => RemoveHandler(ref _closedHandlers, value, null);
    }

    /// <summary>The .NET socket, for interop with .NET; made when first asked for. Closing it closes this object,
    /// too.</summary>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public Socket Socket => _descriptor.Socket;

    /// <summary>The family of its addresses.</summary>
    public AddressFamily AddressFamily { get; }

    /// <summary>Its own Internet address; null for Unix sockets, and once closed.</summary>
    public IPAddress? LocalAddress => Local?.Address;

    /// <summary>Its own port; null for Unix sockets, and once closed.</summary>
    public int? LocalPort => Local?.Ip?.Port;

    /// <summary>Its own path (or <c>@name</c>); null where it has none, and once closed.</summary>
    public string? LocalPath => Local?.Unix?.Name;

    /// <summary>Has it been closed? A connection of which both sides have ended is, whoever reads, or nobody.</summary>
    public bool IsClosed
    {
        get
        {
            FollowHandle();
            Look();
            return HasClosed;
        }
    }

    /// <summary>Are its events, or is its accepting, suspended?</summary>
    public bool IsSuspended => _suspension?.IsSuspended is true;

    SafeHandle IWaitable.Handle => Handle;

    Wakers IWaitable.Wakers => Wakers;

    /// <summary>The handle, for the core.</summary>
    internal SafeSocketHandle Handle { get; }

    /// <summary>The file that it made by binding, removed when it is closed; null where there is none.</summary>
    internal UnixSocketFile? File { get; init; }

    /// <summary>Its own name; null once closed.</summary>
    internal SocketName? Local => HasClosed ? null : KnownLocal;

    /// <summary>Its own name, as far as it is known: also when it is closed.</summary>
    private protected SocketName? KnownLocal =>
        _local ??= HasClosed ? null : SocketName.Local(Handle);

    /// <summary>Has it been closed, as far as is known without asking the kernel?</summary>
    internal bool HasClosed => Volatile.Read(ref _closed) != 0;

    /// <summary>Those who wait for it now.</summary>
    private protected Wakers Wakers { get; } = new();

    /// <summary>The work in the background that <see cref="ErrorOccurred"/> and <see cref="Closed"/> need; null for
    /// none.</summary>
    private protected virtual EventLoop? Watching => null;

    /// <summary>Has somebody asked for <see cref="Socket"/>, who may have sent through it?</summary>
    private protected bool HasNetSocket => _descriptor.HasSocket;

    /// <summary>Its events; made when first needed, for most sockets have none.</summary>
    private protected SocketEvents Events =>
        _events ?? Interlocked.CompareExchange(ref _events, new SocketEvents(), null) ?? _events;

    /// <summary>Closes it. Whoever waits for it gets an error. Harmless when repeated.</summary>
    public void Close() => Close(hadError: false);

    /// <inheritdoc cref="Close()"/>
    public void Dispose()
    {
        Close();
        GC.SuppressFinalize(this);
    }

    /// <summary>Suspends its events, or a listener's accepting; what comes stays in the kernel.</summary>
    /// <param name="duration">For how long; null until <see cref="Resume"/>.</param>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public void Suspend(TimeSpan? duration = null)
    {
        ThrowIfClosed();
        Suspension suspension = _suspension
            ?? Interlocked.CompareExchange(ref _suspension, new Suspension(Wakers), null) ?? _suspension;
        suspension.Suspend(duration);
        OnSuspended();
    }

    /// <summary>Ends the suspension; harmless where there is none.</summary>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public void Resume()
    {
        ThrowIfClosed();
        _suspension?.Resume();
    }

    WaitMode IWaitable.PrepareWait(WaitDirection direction) => PrepareWait(direction);

    TimeoutException IWaitable.TimedOut(WaitDirection direction, Deadline deadline) => TimedOut(direction, deadline);

    /// <summary>Closes it.</summary>
    /// <param name="hadError">Is it because of an error?</param>
    internal void Close(bool hadError)
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
        {
            return;
        }

        // Whatever fails on the way, its descriptor is closed and whoever counts it is told: nobody can close it again.
        try
        {
            _events?.Stop();
            _suspension?.Dispose();
            Wakers.WakeAndLeave();
            OnClosing();
            File?.Delete();
        }
        finally
        {
            try
            {
                _descriptor.Close(ClosesInOrder);
            }
            finally
            {
                OnClosed(hadError);
            }
        }
    }

    /// <summary>Closes it if somebody has disposed its handle, which tells nobody.</summary>
    internal void FollowHandle()
    {
        if (Handle.IsClosed)
        {
            Close();
        }
    }

    /// <summary>Looks what has become of it, where nobody else does.</summary>
    private protected virtual void Look()
    {
    }

    /// <summary>Is there a connection whose peer may not have got all yet that was sent?</summary>
    private protected virtual bool ClosesInOrder => false;

    /// <summary>How to wait for it; see <see cref="IWaitable.PrepareWait"/>.</summary>
    private protected abstract WaitMode PrepareWait(WaitDirection direction);

    /// <summary>The error of a wait whose time is over.</summary>
    private protected abstract TimeoutException TimedOut(WaitDirection direction, Deadline deadline);

    /// <summary>Called when it has been suspended.</summary>
    private protected virtual void OnSuspended()
    {
    }

    /// <summary>Called once when it is closed, before its descriptor is.</summary>
    private protected virtual void OnClosing()
    {
    }

    /// <summary>Called once when its descriptor has been closed.</summary>
    private protected abstract void OnClosed(bool hadError);

    /// <summary>Ends when it is not suspended.</summary>
    private protected Task WhenResumed(CancellationToken cancellation) =>
        _suspension?.WhenResumed(cancellation) ?? Task.CompletedTask;

    private protected void ThrowIfClosed() => ObjectDisposedException.ThrowIf(HasClosed, this);

    /// <summary>Adds a handler of an event, and begins the work in the background that the event needs.</summary>
    private protected void AddHandler<T>(ref T? handlers, T? value, EventLoop? loop)
        where T : Delegate
    {
        if (value is null)
        {
            // Nobody: who read for nobody would give back what comes, and find it there at once, for ever.
            return;
        }

        lock (Events.Gate)
        {
            ThrowIfClosed();
            Events.Add(ref handlers, value);
            loop?.Start();
        }
    }

    /// <summary>Removes a handler of an event; the last ends the work that only this event needs.</summary>
    private protected void RemoveHandler<T>(ref T? handlers, T? value, EventLoop? loop)
        where T : Delegate
    {
        lock (Events.Gate)
        {
            handlers = (T?)Delegate.Remove(handlers, value);
            if (handlers is null)
            {
                loop?.Stop();
            }
        }
    }

    /// <summary>Calls the handlers of an event.</summary>
    private protected void Raise<T>(EventHandler<T>? handlers, T args)
        where T : EventArgs => SocketEvents.Raise(handlers, this, args, RaiseError);

    /// <summary>Calls the handlers of an event without arguments.</summary>
    private protected void Raise(EventHandler? handlers) =>
        SocketEvents.Raise(handlers, this, EventArgs.Empty, RaiseError);

    /// <summary>Reports an error to the handlers of <see cref="ErrorOccurred"/>. One of them that fails itself has nobody
    /// left to tell.</summary>
    private protected void RaiseError(Exception error) =>
        SocketEvents.Raise(_errorOccurred, this, new SocketErrorEventArgs(error), null);

    /// <summary>Tells that it is closed.</summary>
    private protected void RaiseClosed(bool hadError)
    {
        if (_closedHandlers is { } handlers)
        {
            Raise(handlers, new SocketClosedEventArgs(hadError));
        }
    }
}
