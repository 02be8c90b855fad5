using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Microsoft.Win32.SafeHandles;
using NetKeepAlive.Interop;
using NetKeepAlive.Sockets;
using NetKeepAlive.Sockets.Streams;

namespace NetKeepAlive;

/// <content>Receiving: chunks as they come, lines, or an exact number of bytes. What was received and not yet handed on
/// stays with the socket, whoever gave up waiting for the rest.</content>
public sealed partial class StreamSocket
{
    private TextCarry? _carry;
    private byte[] _unread = [];
    private int _unreadStart;
    private int _unreadEnd;
    private int _searched;
    private long _cut;
    private bool _isStalled;
    private List<SafeFileHandle>? _unreadHandles;
    private PeerCredential? _unreadCredential;
    private bool _handlesLost;

    private bool HasUnread => HasPutBack || _unreadEnd > _unreadStart;

    // Bytes that nobody has looked at in vain: a part of a line is worth no look before more has come.
    private bool HasFreshBytes => _unreadEnd > _unreadStart && !_isStalled;

    private ReadOnlySpan<byte> Unread => _unread.AsSpan(_unreadStart, _unreadEnd - _unreadStart);

    /// <inheritdoc/>
    private protected override ReceiveStatus TryReceiveCore(ReceiveRequest request, out SocketMessage? message)
    {
        if (_unreadEnd == _unreadStart && request is { IsLine: false, ByteCount: null })
        {
            return ReceiveChunk(request, out message);
        }

        bool isEnd = false;
        while (true)
        {
            if (TryTake(request, isEnd, out message))
            {
                return ReceiveStatus.Message;
            }

            if (isEnd)
            {
                return ReceiveStatus.End;
            }

            int length = Fill(request);
            if (length < 0)
            {
                _isStalled = true;
                return ReceiveStatus.Nothing;
            }

            isEnd = length == 0;
        }
    }

    /// <inheritdoc/>
    private protected override bool TakesBack(Queue<SocketMessage> messages)
    {
        if (_cut > 0 || messages.Any(static it => it.Handles.Count > 0))
        {
            return false;
        }

        // Chunks have no boundaries: put back in front, they are the stream again.
        byte[] joined = [.. messages.SelectMany(static it => it.Data), .. Unread];
        messages.Clear();
        _unread = joined;
        _unreadStart = 0;
        _unreadEnd = joined.Length;
        _searched = 0;
        _isStalled = false;
        _carry?.Reset();
        return true;
    }

    private bool TryTake(ReceiveRequest request, bool isEnd, out SocketMessage? message)
    {
        message = null;
        int have = _unreadEnd - _unreadStart;
        if (have == 0)
        {
            return false;
        }

        if (request.IsLine)
        {
            return TryTakeLine(request, isEnd, out message);
        }

        _searched = 0;
        if (request.ByteCount is { } count)
        {
            if (have < count && !isEnd)
            {
                return false;
            }

            // An end before the last byte is no full message, and says so.
            int taken = Math.Min(have, count);
            message = Take(Math.Min(taken, request.MaximumLength ?? taken), count, request, taken);
            return true;
        }

        int length = Math.Min(have, request.MaximumLength ?? ChunkSize);
        message = Take(length, length, request);
        return true;
    }

    private bool TryTakeLine(ReceiveRequest request, bool isEnd, out SocketMessage? message)
    {
        message = null;
        byte[] feed = LineEnd(request.Encoding, "\n");
        int at = FindUnit(Unread[_searched..], feed);
        if (at < 0 && !isEnd)
        {
            // What was searched need not be searched again; what is beyond the limit need not be kept.
            _searched = Unread.Length - (Unread.Length % feed.Length);
            if (request.MaximumLength is { } most && _searched > most + feed.Length)
            {
                int keep = most + feed.Length;
                keep -= keep % feed.Length;
                _cut += _searched - keep;
                Unread[_searched..].CopyTo(_unread.AsSpan(_unreadStart + keep));
                _unreadEnd -= _searched - keep;
                _searched = keep;
            }

            return false;
        }

        int end = at < 0 ? Unread.Length : _searched + at;
        int consumed = at < 0 ? end : end + feed.Length;
        byte[] carriage = LineEnd(request.Encoding, "\r");
        bool hasReturn = at >= 0 && end >= carriage.Length && Unread[..end].EndsWith(carriage);
        int full = hasReturn ? end - carriage.Length : end;
        long cut = _cut;
        int kept = Math.Min(full, request.MaximumLength ?? int.MaxValue);
        _searched = 0;
        _cut = 0;
        message = Take(kept, (int)Math.Min(int.MaxValue, full + cut), request, consumed);
        return true;
    }

    // An encoding of bytes, which has no characters for it, leaves the line ends to ASCII.
    private static byte[] LineEnd(Encoding encoding, string character) =>
        (encoding is Base64Encoding ? Encoding.ASCII : encoding).GetBytes(character);

    private static int FindUnit(ReadOnlySpan<byte> data, ReadOnlySpan<byte> unit)
    {
        int start = 0;
        while (true)
        {
            int at = data[start..].IndexOf(unit);
            if (at < 0 || (start + at) % unit.Length == 0)
            {
                return at < 0 ? -1 : start + at;
            }

            start += at + 1;
        }
    }

    private SocketMessage Take(int length, int fullLength, ReceiveRequest request, int? consumed = null)
    {
        byte[] data = Unread[..length].ToArray();
        _unreadStart += consumed ?? length;
        if (_unreadStart >= _unreadEnd)
        {
            _unreadStart = 0;
            _unreadEnd = 0;
        }

        _isStalled = false;
        return Create(data, fullLength, request, consumed ?? length);
    }

    private SocketMessage Create(byte[] data, int fullLength, ReceiveRequest request, int consumed)
    {
        (byte[] before, int left) = (_carry ??= new TextCarry()).Next(data, request.Encoding);
        SocketMessage message = new(this, data, fullLength, Remote?.Unix, request.Encoding)
        {
            RemoteAddress = RemoteAddress,
            Credential = _unreadCredential,
            Handles = _unreadHandles is { } handles ? handles.ConvertAll(Message.Identify) : [],
            HandlesLost = _handlesLost,
            TextBefore = before,
            TextLeft = left,
            Timestamp = DateTimeOffset.UtcNow,
            Sequence = NextSequence(consumed),
        };
        _unreadCredential = null;
        _unreadHandles = null;
        _handlesLost = false;
        return message;
    }

    private ReceiveStatus ReceiveChunk(ReceiveRequest request, out SocketMessage? message)
    {
        message = null;
        int wanted = Math.Min(request.MaximumLength ?? ChunkSize, ChunkSize);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(wanted);
        try
        {
            int length = ReceiveBytes(buffer.AsSpan(0, wanted));
            if (length > 0)
            {
                message = Create(buffer.AsSpan(0, length).ToArray(), length, request, length);
                return ReceiveStatus.Message;
            }

            return length == 0 ? ReceiveStatus.End : ReceiveStatus.Nothing;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Receives into the buffer: how many bytes came, 0 at the end, -1 when there is nothing now.
    private int Fill(ReceiveRequest request)
    {
        int wanted = request.ByteCount is { } count
            ? Math.Clamp(count - (_unreadEnd - _unreadStart), 1, ChunkSize)
            : ChunkSize;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(wanted);
        try
        {
            int length = ReceiveBytes(buffer.AsSpan(0, wanted));
            if (length > 0)
            {
                Append(buffer.AsSpan(0, length));
            }

            return length;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Append(ReadOnlySpan<byte> data)
    {
        int have = _unreadEnd - _unreadStart;
        if (_unread.Length - _unreadEnd < data.Length)
        {
            byte[] larger = _unread;
            if (_unread.Length < have + data.Length)
            {
                larger = new byte[Math.Max(have + data.Length, have * 2)];
            }

            Unread.CopyTo(larger);
            _unread = larger;
            _unreadStart = 0;
            _unreadEnd = have;
        }

        data.CopyTo(_unread.AsSpan(_unreadEnd));
        _unreadEnd += data.Length;
        _isStalled = false;
    }

    // Descriptors that came with bytes which nobody read are nobody's.
    private void CloseUnread()
    {
        lock (ReceiveGate)
        {
            _unreadHandles?.ForEach(static it => it.Dispose());
            _unreadHandles = null;
        }
    }

    private int ReceiveBytes(Span<byte> buffer)
    {
        if (_tls is { } tls)
        {
            return tls.TryReceive(buffer);
        }

        if (AddressFamily is not System.Net.Sockets.AddressFamily.Unix)
        {
            return Libc.Recv(Handle, buffer);
        }

        Message.ReceiveAll(Handle, buffer, default, isMarked: false, out MessageParts parts);
        _unreadCredential = parts.Credential ?? _unreadCredential;
        _handlesLost |= parts.ControlCut;
        if (parts.Descriptors is { } descriptors)
        {
            (_unreadHandles ??= []).AddRange(descriptors);
        }

        return parts.FullLength;
    }
}
