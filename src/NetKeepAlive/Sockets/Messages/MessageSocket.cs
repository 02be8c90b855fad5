using System;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Interop;
using NetKeepAlive.Options;
using NetKeepAlive.Sockets;
using NetKeepAlive.Waiting;

namespace NetKeepAlive;

/// <summary>A Unix socket that keeps the boundaries of messages: seqpacket or datagram (unix(7)).</summary>
public abstract partial class MessageSocket : NetSocket
{
    private UnixAddress? _lastSender;
    private bool _isMarked;

    private protected MessageSocket(SafeSocketHandle handle, SocketKind kind, SocketOrigin? origin)
        : base(handle, kind, origin)
    {
    }

    /// <summary>Receives one message into a buffer, and waits while there is none: one system call a message and no
    /// allocation.</summary>
    /// <param name="buffer">Where the bytes go; what does not fit is cut.</param>
    /// <param name="length">The message's full length: if more than the buffer has, the message was cut.</param>
    /// <param name="timeout">How long to wait at the most; null is for ever.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False at the end of the connection. A message of no bytes is a message.</returns>
    /// <exception cref="TimeoutException">The time was over before there was a message.</exception>
    /// <exception cref="NativeSocketException">The connection failed: <c>ECONNRESET</c>.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public bool Receive(
        Span<byte> buffer, out int length, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        if (!TryReceive(buffer, out length, out bool isEnd))
        {
            using WaitLoop waiting = new(timeout, cancellationToken);
            while (!TryReceive(buffer, out length, out isEnd))
            {
                waiting.Again(this, WaitDirection.Receive);
            }
        }

        return !isEnd;
    }

    /// <summary>Marks every message that arrives, so that one of no bytes can be told from the end of the connection.
    /// SO_TIMESTAMP makes the kernel put the time with each message; nothing is put with the end. It also says when
    /// each was sent.</summary>
    private protected void Mark()
    {
        if (!_isMarked)
        {
            SocketOptions.Timestamp.Set(Handle, true);
            _isMarked = true;
        }
    }

    /// <inheritdoc/>
    private protected override int TrySendCore(ReadOnlySpan<byte> data, UnixAddress? to) =>
        Libc.SendTo(Handle, data, CheckAddress(to));

    /// <summary>The bytes of an address to send to; empty for the peer.</summary>
    private protected virtual ReadOnlySpan<byte> CheckAddress(UnixAddress? to) => to is null ? default : to.SockAddr;

    /// <inheritdoc/>
    private protected override int TrySendHandlesCore(
        ReadOnlySpan<byte> data, ReadOnlySpan<SafeHandle> handles, UnixAddress? to) =>
        Message.Send(Handle, data, CheckAddress(to), handles);

    /// <inheritdoc/>
    private protected override ReceiveStatus TryReceiveCore(ReceiveRequest request, out SocketMessage? message)
    {
        message = null;
        if (IsReadEnded && !HasEnd)
        {
            return ReceiveStatus.End;
        }

        // Another process may share the socket: nothing that is asked before tells of the message that comes. So every
        // message is received into room for any, and copied.
        Mark();
        Span<byte> name = stackalloc byte[SockAddr.MaximumSize];
        Span<byte> buffer = ThreadMemory.Own;
        MessageParts parts = Message.ReceiveAll(Handle, buffer, name, HasEnd);
        int length = Received(parts.FullLength);
        if (length < 0 || (parts.IsEnd && HasEnded()))
        {
            return length < 0 ? ReceiveStatus.Nothing : ReceiveStatus.End;
        }

        message = Create(buffer[..Math.Min(length, buffer.Length)], parts, request);
        return ReceiveStatus.Message;
    }

    /// <summary>Makes the object of one received message.</summary>
    private protected SocketMessage Create(ReadOnlySpan<byte> data, in MessageParts parts, ReceiveRequest request)
    {
        data = data[..Math.Min(data.Length, request.MaximumLength ?? int.MaxValue)];
        CountReceived(data.Length);
        return new(this, data.ToArray(), parts.FullLength, Sender(parts.Name), request.Encoding)
        {
            Credential = parts.Credential,
            Descriptors = parts.Descriptors,
            HandlesLost = parts.ControlCut,
            Timestamp = parts.Timestamp ?? DateTimeOffset.UtcNow,
            Sequence = NextSequence(),
        };
    }

    // What looks like the end is one if the mark is still there. Whoever has the socket can take the mark away; then
    // only the peer's end makes it one, and the mark is put back.
    private bool HasEnded()
    {
        if (SocketOptions.Timestamp.Get(Handle))
        {
            return true;
        }

        SocketOptions.Timestamp.Set(Handle, true);
        return Libc.Tells(Handle, Abi.Current.PollEnd);
    }

    private bool TryReceive(Span<byte> buffer, out int length, out bool isEnd)
    {
        if (HasPutBack)
        {
            return TryReceiveObject(buffer, out length, out isEnd);
        }

        lock (ReceiveGate)
        {
            isEnd = IsGone;
            if (isEnd)
            {
                length = 0;
                return true;
            }

            ThrowIfClosed();
            length = Received(ReceiveInto(buffer, out isEnd));
            if (length >= 0 && !isEnd)
            {
                CountReceived(Math.Min(length, buffer.Length));
            }
        }

        if (isEnd)
        {
            MarkEnd();
        }

        return length >= 0;
    }

    // A message that was given back is an object already.
    private bool TryReceiveObject(Span<byte> buffer, out int length, out bool isEnd)
    {
        ReceiveStatus status = TryReceive(ReceiveRequest.Default, out SocketMessage? message);
        message?.Data.AsSpan(0, Math.Min(buffer.Length, message.Length)).CopyTo(buffer);
        length = message?.FullLength ?? 0;
        isEnd = status is ReceiveStatus.End;
        return status is not ReceiveStatus.Nothing;
    }

    // Without connections there is no end to tell from an empty message, and recv(2) costs less than recvmsg(2).
    private int ReceiveInto(Span<byte> buffer, out bool isEnd)
    {
        if (HasEnd)
        {
            Mark();
            int length = Message.Receive(Handle, buffer, isMarked: true, out isEnd);
            isEnd = isEnd && HasEnded();
            return length;
        }

        isEnd = IsReadEnded;
        return isEnd ? 0 : Message.ReceiveDatagram(Handle, buffer);
    }

    // Most messages of a socket come from the same sender: its address is made once.
    private protected virtual UnixAddress? Sender(ReadOnlySpan<byte> name)
    {
        if (name.Length <= SockAddrUnLayout.PathOffset)
        {
            return Remote?.Unix;
        }

        if (_lastSender is null || !_lastSender.SockAddr.SequenceEqual(name))
        {
            _lastSender = UnixAddress.Decode(name, Abi.Current);
        }

        return _lastSender;
    }
}
