using System;

namespace NetKeepAlive.Sockets.Streams;

/// <summary>
/// Bytes of a stream that were received and not yet handed on, and the messages in them: chunks, lengths, lines. It
/// knows no socket. Whatever pieces the bytes come in, the same messages go out.
/// </summary>
internal sealed class StreamBuffer
{
    // What is larger is not kept once it is empty.
    private const int KeptCapacity = 1 << 17;

    private byte[] _bytes = [];
    private int _start;
    private int _end;
    private int _searched;
    private Delimiter? _sought;
    private bool _isStalled;

    /// <summary>How many bytes there are.</summary>
    internal int Length => _end - _start;

    /// <summary>How much memory it has.</summary>
    internal int Capacity => _bytes.Length;

    /// <summary>Are there bytes that nobody has looked at in vain? A part of a line is worth no look before more has
    /// come.</summary>
    internal bool IsFresh => Length > 0 && !_isStalled;

    /// <summary>Somebody looked for something else, and left the bytes: to look again is worth it only when more has
    /// come.</summary>
    internal void Pass() => _isStalled = true;

    private ReadOnlySpan<byte> Bytes => _bytes.AsSpan(_start, Length);

    /// <summary>Room for more bytes, of which <see cref="Add"/> says how many came.</summary>
    internal Span<byte> Room(int wanted)
    {
        wanted = Math.Min(wanted, Array.MaxLength - Length);
        if (_bytes.Length - _end < wanted)
        {
            int capacity = Math.Max(Length + wanted, (int)Math.Min(Length * 2L, Array.MaxLength));
            byte[] larger = _bytes.Length >= Length + wanted
                ? _bytes
                : GC.AllocateUninitializedArray<byte>(capacity);
            Bytes.CopyTo(larger);
            (_bytes, _start, _end) = (larger, 0, Length);
        }

        return _bytes.AsSpan(_end, wanted);
    }

    /// <summary>So many bytes came into the room.</summary>
    internal void Add(int count)
    {
        _end += count;
        _isStalled &= count == 0;
    }

    /// <summary>Puts bytes in front of all others: chunks that were given back are the stream again.</summary>
    internal void Return(ReadOnlySpan<byte> front)
    {
        byte[] joined = [.. front, .. Bytes];
        (_bytes, _start, _end, _searched, _isStalled) = (joined, 0, joined.Length, 0, false);
    }

    /// <summary>Takes the next bytes, whatever they are: at most as many as fit.</summary>
    internal int Take(Span<byte> buffer)
    {
        int count = Math.Min(buffer.Length, Length);
        Bytes[..count].CopyTo(buffer);
        Skip(count);
        return count;
    }

    /// <summary>Takes the next message of a request.</summary>
    /// <param name="request">What it is to be.</param>
    /// <param name="isEnd">Will nothing come after these bytes?</param>
    /// <param name="piece">What was found; where it is too long its bytes stay.</param>
    /// <returns>False when more has to come, or nothing is left.</returns>
    internal bool TryTake(ReceiveRequest request, bool isEnd, out StreamPiece piece)
    {
        piece = default;
        bool found = Length > 0 && (request.Delimiter is { } delimiter
            ? TryTakeLine(delimiter, request.MaximumLength ?? ReceiveRequest.LongestLine, isEnd, out piece)
            : TryTakeBytes(request, isEnd, out piece));
        _isStalled = !found;
        return found;
    }

    private bool TryTakeBytes(ReceiveRequest request, bool isEnd, out StreamPiece piece)
    {
        int most = request.ByteCount ?? Math.Min(Length, request.MaximumLength ?? Length);
        bool found = Length >= most || isEnd;

        // An end before the last byte is no full message, and says so.
        piece = found ? Cut(Math.Min(Length, most), Math.Min(Length, most), isLast: isEnd && Length <= most) : default;
        piece.FullLength = most;
        return found;
    }

    private bool TryTakeLine(Delimiter delimiter, int most, bool isEnd, out StreamPiece piece)
    {
        if (delimiter != _sought)
        {
            (_sought, _searched) = (delimiter, 0);
        }

        // Without an end so far it may be as short as this.
        (int Start, int End)? found = delimiter.Find(Bytes, ref _searched);
        int length = found?.Start ?? (isEnd ? Length : Length - delimiter.Doubtful);
        if (length > most)
        {
            _searched = 0;
            piece = new StreamPiece { IsTooLong = true };
            return true;
        }

        bool isWhole = found is not null || isEnd;
        piece = isWhole ? Cut(length, found?.End ?? Length, isLast: true) : default;
        piece.FullLength = length;
        return isWhole;
    }

    private StreamPiece Cut(int length, int consumed, bool isLast)
    {
        StreamPiece piece = new() { Data = Bytes[..length].ToArray(), Consumed = consumed, IsLast = isLast };
        Skip(consumed);
        return piece;
    }

    private void Skip(int count)
    {
        _start += count;
        _searched = 0;
        if (_start == _end)
        {
            _bytes = _bytes.Length > KeptCapacity ? [] : _bytes;
            _start = 0;
            _end = 0;
        }
    }
}

/// <summary>One message out of a <see cref="StreamBuffer"/>.</summary>
internal struct StreamPiece
{
    /// <summary>Its bytes.</summary>
    internal byte[] Data;

    /// <summary>How many bytes were asked for, of which the end of the stream may have left some out.</summary>
    internal int FullLength;

    /// <summary>How many bytes it took from the stream, with what ended it.</summary>
    internal int Consumed;

    /// <summary>Does its text end with it?</summary>
    internal bool IsLast;

    /// <summary>Is it longer than was allowed? Then it was not taken.</summary>
    internal bool IsTooLong;
}
