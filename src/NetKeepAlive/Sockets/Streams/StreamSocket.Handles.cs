using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using NetKeepAlive.Interop;
using NetKeepAlive.Sockets;

namespace NetKeepAlive;

/// <content>What comes beside the bytes of a Unix stream: descriptors and credentials.</content>
public sealed partial class StreamSocket
{
    private List<SafeFileHandle>? _unreadHandles;
    private PeerCredential? _unreadCredential;
    private bool _handlesLost;

    /// <inheritdoc/>
    private protected override int TrySendHandlesCore(
        ReadOnlySpan<byte> data, ReadOnlySpan<SafeHandle> handles, UnixAddress? to)
    {
        if (AddressFamily is not System.Net.Sockets.AddressFamily.Unix || _tls is not null)
        {
            return base.TrySendHandlesCore(data, handles, to);
        }

        return data.IsEmpty
            ? throw new ArgumentException("On a stream descriptors travel with at least one byte: name some.")
            : Message.Send(Handle, data, default, handles);
    }

    // The kernel hands out what was sent before descriptors together with what they came with: as a reader of bytes
    // cannot tell where the one ends, the bytes before are read by themselves, and stay.
    private ReceiveStatus TryReceiveHandles(ReceiveRequest request, out SocketMessage? message)
    {
        message = null;
        if (_unreadHandles is not null || _handlesLost)
        {
            message = Create([], 0, request, 0, isLast: true);
            return ReceiveStatus.Message;
        }

        Span<byte> buffer = ThreadMemory.Own;
        int length = Received(Message.Peek(Handle, buffer[..ChunkSize], out bool hasDescriptors));
        if (length <= 0)
        {
            return length < 0 ? ReceiveStatus.Nothing : ReceiveStatus.End;
        }

        if (!hasDescriptors)
        {
            throw new NativeSocketException(
                "recvmsg", Errno.EPROTO, Describe(), "What comes next brings no descriptor: receive it as data.");
        }

        int before = Before(buffer[..length]);
        if (before > 0)
        {
            int read = Received(Libc.Recv(Handle, _unread.Room(before)), "recv");
            _unread.Add(Math.Max(read, 0));
        }

        length = ReceiveWithParts(buffer[..ChunkSize]);
        message = length > 0 ? Create(buffer[..length].ToArray(), length, request, length, isLast: true) : null;
        return length > 0 ? ReceiveStatus.Message : ReceiveStatus.Nothing;
    }

    // How many bytes come before the first one that brings descriptors.
    private int Before(Span<byte> buffer)
    {
        int without = 0;
        int with = buffer.Length;
        while (with - without > 1)
        {
            int middle = without + ((with - without) / 2);
            _ = Received(Message.Peek(Handle, buffer[..middle], out bool hasDescriptors));
            (without, with) = hasDescriptors ? (without, middle) : (middle, with);
        }

        return without;
    }

    private int ReceiveWithParts(Span<byte> buffer)
    {
        MessageParts parts = Message.ReceiveAll(Handle, buffer, default, isMarked: false);
        _unreadCredential = parts.Credential ?? _unreadCredential;
        _handlesLost |= parts.ControlCut;
        if (parts.Descriptors is { } came)
        {
            Keep(came);
        }

        return Received(parts.FullLength);
    }

    // At most as many as one message carries: whoever sends them with bytes that nobody reads must not fill the table of
    // descriptors.
    private void Keep(List<SafeFileHandle> came)
    {
        List<SafeFileHandle> kept = _unreadHandles ??= [];
        int room = Math.Max(0, MaximumHandles - kept.Count);
        for (int i = room; i < came.Count; i++)
        {
            came[i].Dispose();
            _handlesLost = true;
        }

        kept.AddRange(came.GetRange(0, Math.Min(room, came.Count)));
    }

    private PeerCredential? TakeCredential()
    {
        PeerCredential? credential = _unreadCredential;
        _unreadCredential = null;
        return credential;
    }

    private List<SafeFileHandle>? TakeDescriptors()
    {
        List<SafeFileHandle>? descriptors = _unreadHandles;
        _unreadHandles = null;
        return descriptors;
    }

    private bool TakeLoss()
    {
        bool lost = _handlesLost;
        _handlesLost = false;
        return lost;
    }

    // Descriptors that came with bytes which nobody read are nobody's.
    private void CloseUnread()
    {
        lock (ReceiveGate)
        {
            TakeDescriptors()?.ForEach(static it => it.Dispose());
        }
    }
}
