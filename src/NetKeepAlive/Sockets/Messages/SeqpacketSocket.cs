using System;
using System.Net.Sockets;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Interop;
using NetKeepAlive.Sockets;

namespace NetKeepAlive;

/// <summary>A Unix seqpacket socket: a connection, as a stream has, of messages, as datagrams are. Linux.</summary>
public sealed class SeqpacketSocket : MessageSocket
{
    internal SeqpacketSocket(SafeSocketHandle handle, SocketKind kind, SocketOrigin? origin)
        : base(handle, kind, origin)
    {
    }

    // A seqpacket sender is the peer, whatever the message says.
    private protected override UnixAddress? Sender(ReadOnlySpan<byte> name) => Remote?.Unix;

    /// <inheritdoc/>
    private protected override ReadOnlySpan<byte> CheckAddress(UnixAddress? to) => to is null
        ? default
        : throw new NativeSocketException(
            "send", Errno.EISCONN, to.ToString(), "A seqpacket socket sends to its peer only: leave the address away.");
}
