using System;
using System.Text;

namespace NetKeepAlive.Sockets.Streams;

/// <summary>What ends a message on a stream.</summary>
internal sealed class Delimiter
{
    private readonly byte[] _bytes;
    private readonly byte[] _optional;
    private readonly int _unit;
    private readonly Encoding? _overlapping;

    private Delimiter(byte[] bytes, byte[] optional, int unit, Encoding? overlapping = null)
    {
        _bytes = bytes;
        _optional = optional;
        _unit = unit;
        _overlapping = overlapping;
    }

    /// <summary>How many bytes at the end of what was searched in vain may be the beginning of one.</summary>
    internal int Doubtful => _bytes.Length + _optional.Length - 1;

    /// <summary>The end of a line: LF or CR LF, in the width of the encoding's characters.</summary>
    internal static Delimiter Line(Encoding encoding)
    {
        // An encoding of bytes, which has no characters for it, leaves the line ends to ASCII.
        Encoding text = encoding is Base64Encoding ? Encoding.ASCII : encoding;
        byte[] feed = text.GetBytes("\n");
        return new Delimiter(feed, text.GetBytes("\r"), feed.Length);
    }

    /// <summary>A text, found only where characters begin: a character of more than one byte may contain the bytes of
    /// another.</summary>
    /// <exception cref="ArgumentException">It is empty.</exception>
    internal static Delimiter Text(string text, Encoding encoding) =>
        encoding is Base64Encoding
            ? Bytes(encoding.GetBytes(text))
            : Checked(
                encoding.GetBytes(text),
                encoding.GetByteCount("\n"),
                TextCarry.Overlaps(encoding) ? encoding : null);

    /// <summary>Bytes, wherever they lie.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    internal static Delimiter Bytes(byte[] bytes) => Checked(bytes, 1);

    /// <summary>Finds the first one.</summary>
    /// <param name="data">Bytes from the beginning of a message.</param>
    /// <param name="from">How many of them were searched in vain before; afterwards how many need no second
    /// search.</param>
    /// <returns>Where it lies; null where it is not there.</returns>
    internal (int Start, int End)? Find(ReadOnlySpan<byte> data, ref int from)
    {
        for (int start = from; ;)
        {
            int at = data[start..].IndexOf(_bytes);
            if (at < 0)
            {
                // Its beginning may be there already. A character that was searched whole need not be searched again.
                int searched = Math.Max(from, data.Length - _bytes.Length + 1);
                from = searched - Incomplete(data[from..searched]);
                return null;
            }

            start += at;

            // A character begins there, too.
            from = start - Incomplete(data[from..start]);
            if (from == start)
            {
                ReadOnlySpan<byte> before = data[..start];
                return (start - (before.EndsWith(_optional) ? _optional.Length : 0), start + _bytes.Length);
            }

            start++;
        }
    }

    private int Incomplete(ReadOnlySpan<byte> data) =>
        _overlapping is null ? data.Length % _unit : TextCarry.Incomplete(data, _overlapping);

    private static Delimiter Checked(byte[] bytes, int unit, Encoding? overlapping = null) => bytes.Length > 0
        ? new Delimiter(bytes, [], unit, overlapping)
        : throw new ArgumentException("A delimiter has at least one byte.");
}
