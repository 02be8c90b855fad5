using System;
using System.Text;

namespace NetKeepAlive.Sockets.Streams;

/// <summary>
/// The beginning of a character whose end comes with the next chunk of the same text: the text of a chunk begins with
/// what the last one had of its first character, and ends with the last whole one. Of base64 three bytes are a
/// character.
/// </summary>
internal sealed class TextCarry
{
    // GB 18030 has characters of four bytes.
    private const int LongestInCodePage = 4;

    private Encoding? _encoding;
    private byte[] _carry = [];

    /// <summary>Is something carried?</summary>
    internal bool IsEmpty => _carry.Length == 0;

    /// <summary>Takes the next chunk.</summary>
    /// <param name="data">Its bytes.</param>
    /// <param name="encoding">The encoding; when it is another than the last one's, what was carried is
    /// dropped.</param>
    /// <param name="isLast">Does the text end with it? Then nothing is left for the next chunk, which begins
    /// another.</param>
    /// <returns>The bytes to decode before these, and how many of these to leave for the next chunk.</returns>
    internal (byte[] Before, int Left) Next(ReadOnlySpan<byte> data, Encoding encoding, bool isLast = false)
    {
        byte[] before = Equals(encoding, _encoding) ? _carry : [];
        _encoding = encoding;
        _carry = [];
        if (isLast)
        {
            return (before, 0);
        }

        byte[]? all = before.Length == 0 ? null : [.. before, .. data];
        ReadOnlySpan<byte> text = all ?? data;
        int incomplete = Incomplete(text, encoding);
        _carry = incomplete == 0 ? [] : text[^incomplete..].ToArray();

        // A chunk of a byte or two may end nothing: it is carried along whole.
        return (incomplete > data.Length ? [] : before, Math.Min(incomplete, data.Length));
    }

    /// <summary>Forgets what was carried: another text begins.</summary>
    internal void Reset() => _carry = [];

    /// <summary>How many bytes at the end are the beginning of a character.</summary>
    /// <param name="data">Bytes from the beginning of a character.</param>
    /// <param name="encoding">Their encoding.</param>
    internal static int Incomplete(ReadOnlySpan<byte> data, Encoding encoding) => encoding switch
    {
        Base64Encoding => data.Length % 3,
        { CodePage: 65001 } => IncompleteUtf8(data),
        { CodePage: 1200 } => IncompleteUtf16(data, isBigEndian: false),
        { CodePage: 1201 } => IncompleteUtf16(data, isBigEndian: true),
        { CodePage: 12000 or 12001 } => data.Length % 4,
        { IsSingleByte: true } => 0,
        _ => IncompleteCodePage(data, encoding),
    };

    /// <summary>Is it one of the code pages (Shift JIS, GB 18030) in which the bytes of one character may be part of
    /// another's?</summary>
    internal static bool Overlaps(Encoding encoding) => encoding is not
        (Base64Encoding or { CodePage: 65001 or 1200 or 1201 or 12000 or 12001 } or { IsSingleByte: true });

    // RFC 3629: the first byte of a character says how many follow.
    private static int IncompleteUtf8(ReadOnlySpan<byte> data)
    {
        for (int back = 1; back <= Math.Min(3, data.Length); back++)
        {
            byte value = data[^back];
            if ((value & 0xC0) == 0x80)
            {
                continue;
            }

            int length = value >= 0xF0 ? 4 : value >= 0xE0 ? 3 : value >= 0xC0 ? 2 : 1;
            return length > back && value <= 0xF4 ? back : 0;
        }

        return 0;
    }

    // What a character is only .NET's decoder knows: where the end of all makes no difference to it, one has ended.
    private static int IncompleteCodePage(ReadOnlySpan<byte> data, Encoding encoding)
    {
        Decoder decoder = encoding.GetDecoder();
        decoder.Fallback = DecoderFallback.ReplacementFallback;
        int incomplete = 0;
        while (incomplete < Math.Min(LongestInCodePage, data.Length)
            && decoder.GetCharCount(data[..^incomplete], flush: false)
                != decoder.GetCharCount(data[..^incomplete], flush: true))
        {
            incomplete++;
        }

        return incomplete;
    }

    private static int IncompleteUtf16(ReadOnlySpan<byte> data, bool isBigEndian)
    {
        int odd = data.Length % 2;
        ReadOnlySpan<byte> whole = data[..^odd];
        bool endsInHalf = whole.Length > 0 && (whole[isBigEndian ? ^2 : ^1] & 0xFC) == 0xD8;
        return odd + (endsInHalf ? 2 : 0);
    }
}
