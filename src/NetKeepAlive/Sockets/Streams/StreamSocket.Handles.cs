using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using NetKeepAlive.Interop;
using NetKeepAlive.Options;
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

        CheckAddress(to);
        return data.IsEmpty
            ? throw new ArgumentException("On a stream descriptors travel with at least one byte: name some.")
            : Message.Send(Handle, data, default, handles, isStream: true);
    }

    // The kernel hands out what was written before descriptors together with what was written with them, and nothing
    // tells a reader of both where the one ends. So what surely comes before is read by itself, and what may from there
    // on byte by byte, until one of them brings descriptors; all of it stays to be received.
    private ReceiveStatus TryReceiveHandles(ReceiveRequest request, out SocketMessage? message)
    {
        message = null;
        if (HasDescriptors)
        {
            message = Create([], 0, request, isLast: true);
            return ReceiveStatus.Message;
        }

        Span<byte> buffer = ThreadMemory.Own;
        int length = Peek(buffer, out bool hasDescriptors);
        _unread.Pass();
        if (length <= 0)
        {
            return length < 0 ? ReceiveStatus.Nothing : ReceiveStatus.End;
        }

        if (!hasDescriptors)
        {
            throw new NativeSocketException(
                "recvmsg", Errno.EPROTO, Describe(), "What comes next brings no descriptor: receive it as data.");
        }

        int before = Stay(Before(buffer[..length]));
        while (before < length && ReceiveWithParts(buffer[..1]) == 1)
        {
            if (HasDescriptors)
            {
                // The look ended where the write did that brought them.
                int rest = length - before - 1;
                int read = rest > 0 ? Math.Max(ReceiveAlone(buffer.Slice(1, rest)), 0) : 0;
                message = Create(buffer[..(1 + read)].ToArray(), 1 + read, request, isLast: true);
                return ReceiveStatus.Message;
            }

            buffer[..1].CopyTo(_unread.Room(1));
            _unread.Add(1);
            before++;
        }

        return ReceiveStatus.Nothing;
    }

    private bool HasDescriptors => _unreadHandles is not null || _handlesLost;

    // So many bytes are received as data.
    private int Stay(int count)
    {
        int read = count > 0 ? Math.Max(ReceiveAlone(_unread.Room(count)), 0) : 0;
        _unread.Add(read);
        return read;
    }

    // How many bytes surely come before the first that brings descriptors: a look goes one write further than it was
    // asked to.
    private int Before(Span<byte> buffer)
    {
        int without = 0;
        int with = buffer.Length;
        while (with - without > 1)
        {
            int middle = without + ((with - without) / 2);
            _ = Peek(buffer[..middle], out bool hasDescriptors);
            (without, with) = hasDescriptors ? (without, middle) : (middle, with);
        }

        return without;
    }

    private int Peek(Span<byte> buffer, out bool hasDescriptors) => Received(Message.Peek(
        Handle, buffer, Abi.Current.HasMessageCredentials && SocketOptions.PassCredential.Get(Handle),
        out hasDescriptors));

    private int ReceiveWithParts(Span<byte> buffer)
    {
        MessageParts parts = Message.ReceiveAll(Handle, buffer, default, isMarked: false);
        _unreadCredential = parts.Credential ?? _unreadCredential;
        _handlesLost |= parts.ControlCut;
        if (parts.Descriptors is { } came)
        {
            Keep(came);
        }

        return Counted(Received(parts.FullLength));
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
