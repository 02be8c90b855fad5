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
    private EventLoop? _accepting;
    private EventHandler<SocketConnectionEventArgs>? _connection;
    private EventHandler<SocketConnectionDroppedEventArgs>? _connectionDropped;
    private int _closedRaised;

    /// <summary>A connection was accepted. Accepting begins when the first handler is added and ends when the last is
    /// removed.</summary>
    public event EventHandler<SocketConnectionEventArgs>? Connection
    {
        add => AddHandler(ref _connection, value, Events.GetLoop(ref _accepting, AcceptAsync));
        remove
        {
            RemoveHandler(ref _connection, value, _accepting);
            WaitForAccepts();
        }
    }

    /// <summary>A connection was turned away: the limit was reached, or a rule forbids its address.</summary>
    public event EventHandler<SocketConnectionDroppedEventArgs>? ConnectionDropped
    {
        add => AddHandler(ref _connectionDropped, value, null);
        remove => RemoveHandler(ref _connectionDropped, value, null);
    }

    private async Task AcceptAsync(CancellationToken cancellation)
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
                if (cancellation.IsCancellationRequested || HasClosed)
                {
                    return;
                }

                // Without descriptors anything may fail, the loading of code among it: accepting outlives that.
                RaiseError(failed is SocketException socket
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
            Raise(handlers, new SocketConnectionEventArgs(socket));
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
            Raise(handlers, new SocketConnectionDroppedEventArgs
            {
                LocalAddress = local.Address,
                LocalPort = local.Ip?.Port,
                RemoteAddress = remote.Address,
                RemotePort = remote.Ip?.Port,
                Reason = reason,
            });
        }
    }

    /// <inheritdoc/>
    private protected override void OnClosed(bool hadError) => RaiseClosedWhenDone();

    private void RaiseClosedWhenDone()
    {
        if (KnownCount == 0 && Interlocked.Exchange(ref _closedRaised, 1) == 0)
        {
            RaiseClosed(hadError: false);
        }
    }
}
