using System;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Events;
using NetKeepAlive.Interop;
using NetKeepAlive.Sockets;

namespace NetKeepAlive;

/// <content>Events, for Register-ObjectEvent and for .NET. They are raised on threads of the pool.</content>
public abstract partial class NetSocket
{
    private readonly EventSource _events;
    private readonly EventLoop _loop;
    private EventHandler<SocketMessage>? _dataReceived;
    private EventHandler? _ended;
    private EventHandler? _idleTimeout;
    private EventHandler<SocketClosedEventArgs>? _closedHandlers;
    private IdleWatch? _idle;

    /// <summary>A message, or a chunk of a stream, was received. Reading begins when the first handler is added and
    /// ends when the last is removed; meanwhile what comes goes to the handlers.</summary>
    public event EventHandler<SocketMessage>? DataReceived
    {
        add => _loop.Add(ref _dataReceived, value);
        remove => _loop.Remove(ref _dataReceived, value);
    }

    /// <summary>The peer has ended its side; raised once, by whatever reads.</summary>
    public event EventHandler? Ended
    {
        add => _events.Add(ref _ended, value);
        remove => _events.Remove(ref _ended, value);
    }

    /// <summary>Nothing was sent or received for <see cref="IdleLimit"/>. It notifies and does nothing else.</summary>
    public event EventHandler? IdleTimeout
    {
        add => _events.Add(ref _idleTimeout, value);
        remove => _events.Remove(ref _idleTimeout, value);
    }

    /// <summary>Reading in the background failed; the socket is closed next.</summary>
    public event EventHandler<SocketErrorEventArgs>? ErrorOccurred
    {
        add => _events.ErrorOccurred += value;
        remove => _events.ErrorOccurred -= value;
    }

    /// <summary>The socket was closed: by whoever holds it, after an error, or because it reads for events and both
    /// sides have ended.</summary>
    public event EventHandler<SocketClosedEventArgs>? Closed
    {
        add => _events.Add(ref _closedHandlers, value);
        remove => _events.Remove(ref _closedHandlers, value);
    }

    /// <summary>After how much silence <see cref="IdleTimeout"/> is raised; zero is never.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than zero, or more than 49 days.</exception>
    public TimeSpan IdleLimit
    {
        get => _idle?.Limit ?? TimeSpan.Zero;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, TimeSpan.FromMilliseconds(uint.MaxValue - 1));
            lock (_events.Gate)
            {
                ThrowIfClosed();
                _idle?.Dispose();
                _idle = value > TimeSpan.Zero ? new IdleWatch(value, RaiseIdleTimeout) : null;
            }
        }
    }

    /// <summary>Do the events rest?</summary>
    public bool IsSuspended => _loop.IsSuspended;

    /// <summary>Stops reading for events; what comes stays in the kernel.</summary>
    /// <param name="duration">For how long; null until <see cref="Resume"/>.</param>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public void Suspend(TimeSpan? duration = null) => _loop.Suspend(duration);

    /// <summary>Reads for events again.</summary>
    public void Resume() => _loop.Resume();

    /// <summary>Ends when there may be something to receive. .NET's own engine waits, no thread does.</summary>
    private protected virtual async ValueTask WaitToReceiveAsync(CancellationToken cancellation)
    {
        if (HasPutBack)
        {
            return;
        }

        try
        {
            await Socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.Peek, cancellation).ConfigureAwait(false);
        }
        catch (SocketException reset) when (PutsOff(Errno.FromSocketError(reset.SocketErrorCode)))
        {
            // There is something to receive first.
        }
    }

    private void StopEvents()
    {
        lock (_events.Gate)
        {
            _loop.Dispose();
            _idle?.Dispose();
        }
    }

    async Task IEventOwner.RunAsync(CancellationToken cancellation)
    {
        try
        {
            bool ended = false;
            while (!ended)
            {
                await _loop.WhenResumed(cancellation).ConfigureAwait(false);
                await WaitToReceiveAsync(cancellation).ConfigureAwait(false);
                ended = ReadWhatThereIs(cancellation);
            }

            // Both sides have ended, so there is nothing left that the socket could do.
            if (State is SocketState.Closed)
            {
                Close(hadError: false);
            }
        }
        catch (OperationCanceledException)
        {
            // The last handler was removed, or the socket is being closed.
        }
        catch (Exception failed) when (failed is SocketException or ObjectDisposedException or TlsException)
        {
            if (!cancellation.IsCancellationRequested && !IsClosed)
            {
                _events.RaiseError(failed is SocketException socket
                    ? NativeSocketException.FromSocketException("receive", socket, Describe())
                    : failed);
                Close(hadError: true);
            }
        }
    }

    // Returns whether the end was seen.
    private bool ReadWhatThereIs(CancellationToken cancellation)
    {
        while (!IsSuspended && !cancellation.IsCancellationRequested)
        {
            switch (TryReceive(ReceiveRequest.Default, out SocketMessage? message))
            {
                case ReceiveStatus.Nothing:
                    return false;
                case ReceiveStatus.End:
                    return true;
            }

            if (_dataReceived is not { } handlers)
            {
                PutBack([message!]);
                return false;
            }

            _events.Raise(() => handlers(this, message!));
        }

        return false;
    }

    private void RaiseEnded() => _events.Raise(() => _ended?.Invoke(this, EventArgs.Empty));

    private void RaiseIdleTimeout() => _events.Raise(() => _idleTimeout?.Invoke(this, EventArgs.Empty));

    private void RaiseClosed(bool hadError) =>
        _events.Raise(() => _closedHandlers?.Invoke(this, new SocketClosedEventArgs(hadError)));
}
