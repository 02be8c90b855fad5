using System;
using System.Net.Sockets;
using NetKeepAlive.Addresses;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Interop;
using NetKeepAlive.Sockets;
using NetKeepAlive.Waiting;

namespace NetKeepAlive;

/// <summary>A Unix datagram socket: whole messages, in order; a sender waits while the receiver's queue is
/// full.</summary>
public sealed class UnixDatagramSocket : MessageSocket
{
    // Where a full queue is an error of its own (macOS: ENOBUFS), nothing tells when there is room again.
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(10);

    internal UnixDatagramSocket(SafeSocketHandle handle, SocketKind kind, SocketOrigin? origin)
        : base(handle, kind, origin)
    {
    }

    /// <summary>Has it a peer?</summary>
    internal bool IsConnected => SocketName.Peer(Handle) is not null;

    /// <inheritdoc/>
    private protected override bool HasEnd => false;

    /// <summary>Sends to an address, and waits while its queue is full. Other receivers are not delayed.</summary>
    /// <inheritdoc cref="NetSocket.Send(ReadOnlySpan{byte}, TimeSpan?, System.Threading.CancellationToken)"/>
    public void SendTo(
        ReadOnlySpan<byte> data, UnixAddress to, TimeSpan? timeout = null,
        System.Threading.CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(to);
        Send(data, to, timeout, cancellationToken);
    }

    /// <inheritdoc/>
    internal override bool WaitToSend(UnixAddress? to, WaitLoop waiting)
    {
        if (Abi.Current.FullQueueErrno != Abi.None)
        {
            waiting.Readiness.Rest(Deadline.Earlier(Deadline.After(RetryInterval), waiting.Deadline));
            return !waiting.Deadline.IsOver;
        }

        // First the socket's own room. For an unconnected socket that says nothing of the receiver's queue, but the
        // kernel wakes a socket that is connected to it: so ask one made for the purpose.
        if (!base.WaitToSend(to, waiting))
        {
            return false;
        }

        if (to is null)
        {
            return true;
        }

        using SafeSocketHandle probe = Libc.Socket(Abi.Current.AfUnix, Abi.Current.SockDgram);
        return Libc.Connect(probe, to.SockAddr) is not null
            || waiting.Readiness.WaitBy(probe, this, WaitDirection.Send, waiting.Deadline);
    }
}
