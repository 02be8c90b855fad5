using System;
using System.Collections.Generic;
using System.Linq;
using NetKeepAlive.Interop;
using NetKeepAlive.Sockets;
using NetKeepAlive.Sockets.Streams;
using NetKeepAlive.Waiting;

namespace NetKeepAlive;

/// <content>Receiving: chunks as they come, lines, or an exact number of bytes. What was received and not yet handed on
/// stays with the socket, whoever gave up waiting for the rest.</content>
public sealed partial class StreamSocket
{
    private readonly StreamBuffer _unread = new();
    private readonly TextCarry _carry = new();
    private bool _isBulk;

    /// <inheritdoc/>
    private protected override ReceiveStatus TryReceiveCore(ReceiveRequest request, out SocketMessage? message)
    {
        if (request.WantsHandles)
        {
            return TryReceiveHandles(request, out message);
        }

        if (_unread.Length == 0 && request is { Delimiter: null, ByteCount: null })
        {
            return ReceiveChunk(request, out message);
        }

        bool isEnd = false;
        while (true)
        {
            if (_unread.TryTake(request, isEnd, out StreamPiece piece))
            {
                message = Create(piece, request);
                return ReceiveStatus.Message;
            }

            int length = isEnd ? 0 : Fill(request);
            if (length <= 0 && (isEnd || length < 0))
            {
                message = null;
                return isEnd ? ReceiveStatus.End : ReceiveStatus.Nothing;
            }

            isEnd = length == 0;
        }
    }

    /// <inheritdoc/>
    private protected override TimeoutException TimedOut(WaitDirection direction, Deadline deadline) =>
        direction is WaitDirection.Receive && _unread.Length > 0
            ? deadline.TimedOut(
                $"receive {Target(to: null)}: {(_unread.Length == 1 ? "1 byte is" : $"{_unread.Length} bytes are")} there and kept for "
                + "the next call, and the rest did not come")
            : base.TimedOut(direction, deadline);

    /// <inheritdoc/>
    private protected override bool TakesBack(Queue<SocketMessage> messages)
    {
        if (messages.Any(static it => it.HasHandles))
        {
            return false;
        }

        // Chunks have no boundaries: put back in front, they are the stream again.
        _unread.Return(messages.SelectMany(static it => it.Data).ToArray());
        _carry.Reset();
        return true;
    }

    private SocketMessage Create(in StreamPiece piece, ReceiveRequest request)
    {
        if (piece.IsTooLong)
        {
            throw new LineTooLongException(
                Describe() ?? "an unnamed socket", request.MaximumLength ?? ReceiveRequest.LongestLine);
        }

        return Create(piece.Data, piece.FullLength, request, piece.IsLast);
    }

    private SocketMessage Create(byte[] data, int fullLength, ReceiveRequest request, bool isLast)
    {
        (byte[] before, int left) = _carry.Next(data, request.Encoding, isLast);
        return new(this, data, fullLength, Remote?.Unix, request.Encoding)
        {
            RemoteAddress = RemoteAddress,
            Credential = TakeCredential(),
            HandlesLost = TakeLoss(),
            Descriptors = TakeDescriptors(),
            TextBefore = before,
            TextLeft = left,
            Timestamp = DateTimeOffset.UtcNow,
            Sequence = NextSequence(),
        };
    }

    private ReceiveStatus ReceiveChunk(ReceiveRequest request, out SocketMessage? message)
    {
        int most = Math.Min(request.MaximumLength ?? ChunkSize, ChunkSize);

        // After a full chunk the next is likely to be full: it is received where it stays. Others are copied out of
        // memory that the thread has, so that an idle connection holds none.
        byte[]? whole = _isBulk ? GC.AllocateUninitializedArray<byte>(most) : null;
        Span<byte> buffer = whole ?? ThreadMemory.Own[..most];
        int length = ReceiveBytes(buffer);
        _isBulk = length == ChunkSize;

        // A text whose last character has no end shows it with the end of the stream.
        bool isLast = length == 0;
        message = length > 0 || (isLast && !_carry.IsEmpty)
            ? Create(length == whole?.Length ? whole : Copy(buffer[..length]), length, request, isLast)
            : null;
        return message is not null ? ReceiveStatus.Message
            : isLast ? ReceiveStatus.End
            : ReceiveStatus.Nothing;
    }

    private static byte[] Copy(ReadOnlySpan<byte> received)
    {
        byte[] data = GC.AllocateUninitializedArray<byte>(received.Length);
        received.CopyTo(data);
        return data;
    }

    // Receives into the buffer: how many bytes came, 0 at the end, -1 when there is nothing now.
    private int Fill(ReceiveRequest request)
    {
        int wanted = request.ByteCount is { } count ? Math.Clamp(count - _unread.Length, 1, ChunkSize) : ChunkSize;
        int length = ReceiveBytes(_unread.Room(wanted));
        _unread.Add(Math.Max(length, 0));
        return length;
    }

    // How many bytes came, 0 at the end, -1 when there is nothing now.
    private int ReceiveBytes(Span<byte> buffer) =>
        _tls is { } tls ? Counted(tls.TryReceive(buffer))
        : AddressFamily is System.Net.Sockets.AddressFamily.Unix ? ReceiveWithParts(buffer)
        : ReceiveAlone(buffer);

    private int ReceiveAlone(Span<byte> buffer) => Counted(Received(Libc.Recv(Handle, buffer), "recv"));

    /// <summary>Counts bytes as they come, though a message may have to wait for more of them.</summary>
    internal int Counted(int length)
    {
        if (length > 0)
        {
            CountReceived(length);
        }

        return length;
    }
}
