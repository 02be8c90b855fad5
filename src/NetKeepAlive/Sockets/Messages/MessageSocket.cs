using System;
using System.Collections.Generic;
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
    private readonly object _sendGate = new();
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
        if (TryReceive(buffer, out length, out bool isEnd))
        {
            return !isEnd;
        }

        Deadline deadline = Deadline.After(timeout);
        using Readiness readiness = new(cancellationToken);
        do
        {
            if (!readiness.Wait(this, WaitDirection.Receive, deadline))
            {
                throw TimedOut("receive", timeout);
            }
        }
        while (!TryReceive(buffer, out length, out isEnd));
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

        Mark();
        int length = Message.Peek(Handle, HasEnd, out bool isEnd);
        if (length < 0 || isEnd)
        {
            return isEnd ? ReceiveStatus.End : ReceiveStatus.Nothing;
        }

        byte[] data = GC.AllocateUninitializedArray<byte>(Math.Min(length, request.MaximumLength ?? int.MaxValue));
        Span<byte> name = stackalloc byte[SockAddr.MaximumSize];
        Message.ReceiveAll(Handle, data, name, HasEnd, out MessageParts parts);
        if (parts.FullLength < 0 || parts.IsEnd)
        {
            // Another process that shares the socket was faster.
            return parts.IsEnd ? ReceiveStatus.End : ReceiveStatus.Nothing;
        }

        message = Create(parts.FullLength < data.Length ? data[..parts.FullLength] : data, in parts, request);
        return ReceiveStatus.Message;
    }

    /// <summary>Makes the object of one received message.</summary>
    private protected SocketMessage Create(byte[] data, in MessageParts parts, ReceiveRequest request) =>
        new(this, data, parts.FullLength, Sender(parts.Name), request.Encoding)
        {
            Credential = parts.Credential,
            Handles = Identify(parts.Descriptors),
            HandlesLost = parts.ControlCut,
            Timestamp = parts.Timestamp ?? DateTimeOffset.UtcNow,
            Sequence = NextSequence(data.Length),
        };

    private static IReadOnlyList<object> Identify(List<Microsoft.Win32.SafeHandles.SafeFileHandle>? descriptors) =>
        descriptors is null ? [] : descriptors.ConvertAll(Message.Identify);

    private bool TryReceive(Span<byte> buffer, out int length, out bool isEnd)
    {
        if (HasPutBack)
        {
            return TryReceiveObject(buffer, out length, out isEnd);
        }

        isEnd = IsGone;
        if (isEnd)
        {
            length = 0;
            return true;
        }

        ThrowIfClosed();
        try
        {
            length = ReceiveInto(buffer, out isEnd);
        }
        catch (NativeSocketException reset) when (PutsOff(reset))
        {
            length = 0;
            isEnd = false;
            return false;
        }
        catch (NativeSocketException failed) when (IsClosed || failed.Target is null)
        {
            throw Failure(failed, to: null);
        }

        if (isEnd)
        {
            MarkEnd();
        }
        else if (length >= 0)
        {
            CountReceived(Math.Min(length, buffer.Length));
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
            return Message.Receive(Handle, buffer, isMarked: true, out isEnd);
        }

        isEnd = IsReadEnded;
        return isEnd ? 0 : Libc.Recv(Handle, buffer, fullLength: true);
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
