using System;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Addresses;
using NetKeepAlive.Events;
using NetKeepAlive.Waiting;

namespace NetKeepAlive;

/// <content>Events, for Register-ObjectEvent and for .NET. They are raised on threads of the pool.</content>
public sealed partial class SocketListener
{
    private readonly EventSource _events;
    private readonly EventLoop _loop;
    private EventHandler<SocketConnectionEventArgs>? _connection;
    private EventHandler<SocketConnectionDroppedEventArgs>? _connectionDropped;
    private EventHandler<SocketClosedEventArgs>? _closedHandlers;
    private int _closedRaised;

    /// <summary>A connection was accepted. Accepting begins when the first handler is added and ends when the last is
    /// removed.</summary>
    public event EventHandler<SocketConnectionEventArgs>? Connection
    {
        add => _loop.Add(ref _connection, value);
        remove => _loop.Remove(ref _connection, value);
    }

    /// <summary>A connection was turned away: the limit was reached, or a rule forbids its address.</summary>
    public event EventHandler<SocketConnectionDroppedEventArgs>? ConnectionDropped
    {
        add => _events.Add(ref _connectionDropped, value);
        remove => _events.Remove(ref _connectionDropped, value);
    }

    /// <summary>Accepting in the background failed; it is tried again, the listener stays open.</summary>
    public event EventHandler<SocketErrorEventArgs>? ErrorOccurred
    {
        add => _events.ErrorOccurred += value;
        remove => _events.ErrorOccurred -= value;
    }

    /// <summary>The listener is closed and the last of its connections has ended.</summary>
    public event EventHandler<SocketClosedEventArgs>? Closed
    {
        add => _events.Add(ref _closedHandlers, value);
        remove => _events.Remove(ref _closedHandlers, value);
    }

    /// <summary>Does accepting rest?</summary>
    public bool IsSuspended => _loop.IsSuspended;

    /// <summary>Stops accepting; who connects waits in the kernel's queue.</summary>
    /// <param name="duration">For how long; null until <see cref="Resume"/>.</param>
    /// <exception cref="ObjectDisposedException">The listener is closed.</exception>
    public void Suspend(TimeSpan? duration = null) => _loop.Suspend(duration);

    /// <summary>Accepts again.</summary>
    public void Resume() => _loop.Resume();

    async Task IEventOwner.RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                Deliver(await AcceptNextAsync(cancellation).ConfigureAwait(false));
            }
            catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (Exception failed)
            {
                if (cancellation.IsCancellationRequested || IsClosed)
                {
                    return;
                }

                // Without descriptors anything may fail, the loading of code among it: accepting outlives that.
                _events.RaiseError(failed is SocketException socket
                    ? NativeSocketException.FromSocketException("accept", socket, ToString())
                    : failed);
                await FailurePause.WaitAsync().ConfigureAwait(false);
            }
        }
    }

    private void Deliver(NetSocket socket)
    {
        if (_connection is { } handlers)
        {
            _events.Raise(() => handlers(this, new SocketConnectionEventArgs(socket)));
        }
        else
        {
            socket.Dispose();
        }
    }

    private void RaiseDropped(SafeSocketHandle handle, SocketName remote, string reason)
    {
        if (_connectionDropped is { } handlers)
        {
            SocketName local = SocketName.Local(handle);
            SocketConnectionDroppedEventArgs dropped = new()
            {
                LocalAddress = local.Ip?.Address,
                LocalPort = local.Ip?.Port,
                LocalFamily = local.Ip?.AddressFamily,
                RemoteAddress = remote.Ip?.Address,
                RemotePort = remote.Ip?.Port,
                RemoteFamily = remote.Ip?.AddressFamily,
                Reason = reason,
            };
            _events.Raise(() => handlers(this, dropped));
        }
    }

    private void RaiseClosedWhenDone()
    {
        if (ConnectionCount == 0 && Interlocked.Exchange(ref _closedRaised, 1) == 0)
        {
            _events.Raise(() => _closedHandlers?.Invoke(this, new SocketClosedEventArgs(hadError: false)));
        }
    }
}
