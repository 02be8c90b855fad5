using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using NetKeepAlive.Sockets;
using NetKeepAlive.Sockets.Streams;
using Xunit;

namespace NetKeepAlive.Tests.Sockets.Streams;

/// <summary>Whatever pieces a stream comes in, the same messages come out of it, and never more memory is taken than is
/// allowed. NETKEEPALIVE_ROUNDS makes the run longer.</summary>
public sealed class StreamBufferTests
{
    private static readonly int Rounds =
        int.TryParse(Environment.GetEnvironmentVariable("NETKEEPALIVE_ROUNDS"), out int rounds) ? rounds : 2000;

    // Few letters, so that ends, halves of ends and what only looks like one are everywhere.
    private static readonly Gen<byte[]> Bytes =
        Gen.Elements<byte>(0, 10, 10, 13, 13, (byte)'a', (byte)'E', (byte)'N', (byte)'D', 0xC3, 0xA9).ArrayOf();

    private static readonly Gen<Delimiter> Delimiters = Gen.OneOf(
        Gen.Elements(Encoding.UTF8, Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.UTF32).Select(Delimiter.Line),
        Gen.Elements("\r", "\0", "END", "aa", "\n\n", "aEa").Select(text => Delimiter.Text(text, Encoding.UTF8)),
        Gen.Elements("\r", "EN").Select(text => Delimiter.Text(text, Encoding.Unicode)),
        Gen.Constant(Delimiter.Bytes([13, 10, 13, 10])));

    private static readonly Gen<Case> Cases =
        from bytes in Bytes
        from cuts in Gen.Choose(1, 7).ArrayOf()
        from delimiter in Delimiters
        from maximum in Gen.Choose(0, 12)
        select new Case(bytes, cuts, delimiter, maximum);

    [Fact]
    public void Whatever_the_cuts_the_same_lines_come() => Check(static it =>
        Take(it, Request(it), it.Cuts).SequenceEqual(Take(it, Request(it), [])));

    [Fact]
    public void Lines_and_their_ends_are_the_stream_again() => Check(static it =>
    {
        StreamBuffer buffer = new();
        int consumed = 0;
        Feed(buffer, it.Bytes);
        while (buffer.TryTake(Request(it) with { MaximumLength = null }, isEnd: true, out StreamPiece piece))
        {
            if (!it.Bytes.AsSpan(consumed, piece.Data.Length).SequenceEqual(piece.Data))
            {
                return false;
            }

            consumed += piece.Consumed;
        }

        return consumed == it.Bytes.Length;
    });

    [Fact]
    public void Never_more_is_kept_than_the_longest_line_and_one_piece() => Check(static it =>
    {
        StreamBuffer buffer = new();
        foreach (byte[] piece in Pieces(it.Bytes, it.Cuts))
        {
            Feed(buffer, piece);
            while (buffer.TryTake(Request(it), isEnd: false, out StreamPiece taken))
            {
                if (taken.IsTooLong)
                {
                    return true;
                }
            }

            if (buffer.Length > it.Maximum + it.Delimiter.Doubtful)
            {
                return false;
            }
        }

        return true;
    });

    [Fact]
    public void What_is_too_long_stays() => Check(static it =>
    {
        StreamBuffer buffer = new();
        Feed(buffer, it.Bytes);
        int consumed = 0;
        while (buffer.TryTake(Request(it), isEnd: true, out StreamPiece piece))
        {
            if (piece.IsTooLong)
            {
                byte[] rest = new byte[it.Bytes.Length];
                int left = buffer.Take(rest);
                return it.Bytes.AsSpan(consumed).SequenceEqual(rest.AsSpan(0, left));
            }

            consumed += piece.Consumed;
        }

        return consumed == it.Bytes.Length;
    });

    [Fact]
    public void Whatever_the_cuts_lengths_are_exact() => Check(static it =>
    {
        ReceiveRequest request = new() { ByteCount = it.Maximum + 1 };
        string[] whole = [.. it.Bytes.Chunk(it.Maximum + 1).Select(Convert.ToHexString)];
        return Take(it, request, it.Cuts).SequenceEqual(whole);
    });

    [Fact]
    public void What_is_put_back_comes_again() => Check(static it =>
    {
        StreamBuffer buffer = new();
        Feed(buffer, it.Bytes);
        byte[] first = new byte[it.Maximum];
        int taken = buffer.Take(first);
        buffer.Return(first.AsSpan(0, taken));
        byte[] all = new byte[it.Bytes.Length];
        return buffer.Take(all) == all.Length && all.SequenceEqual(it.Bytes);
    });

    [Fact]
    public void A_large_line_leaves_no_large_memory_behind()
    {
        StreamBuffer buffer = new();
        byte[] line = new byte[900_000];
        line[^1] = 10;
        foreach (byte[] piece in line.Chunk(60_000))
        {
            Feed(buffer, piece);
            buffer.TryTake(new ReceiveRequest { Delimiter = Delimiter.Line(Encoding.UTF8) }, isEnd: false, out _);
        }

        Assert.Equal(0, buffer.Length);
        Assert.InRange(buffer.Capacity, 0, 1 << 17);
    }

    private static void Check(Func<Case, bool> property) => Prop.ForAll(Cases.ToArbitrary(), property)
        .Check(Config.QuickThrowOnFailure.WithMaxTest(Rounds));

    private static ReceiveRequest Request(Case it) => new() { Delimiter = it.Delimiter, MaximumLength = it.Maximum };

    private static List<string> Take(Case it, ReceiveRequest request, int[] cuts)
    {
        List<string> messages = [];
        StreamBuffer buffer = new();
        byte[][] pieces = [.. Pieces(it.Bytes, cuts)];
        for (int i = 0; i <= pieces.Length; i++)
        {
            Feed(buffer, i < pieces.Length ? pieces[i] : []);
            while (buffer.TryTake(request, isEnd: i == pieces.Length, out StreamPiece piece))
            {
                if (piece.IsTooLong)
                {
                    messages.Add("too long");
                    return messages;
                }

                messages.Add(Convert.ToHexString(piece.Data));
            }
        }

        return messages;
    }

    private static void Feed(StreamBuffer buffer, byte[] bytes)
    {
        bytes.CopyTo(buffer.Room(bytes.Length));
        buffer.Add(bytes.Length);
    }

    private static IEnumerable<byte[]> Pieces(byte[] bytes, int[] cuts)
    {
        int at = 0;
        foreach (int cut in cuts)
        {
            yield return bytes[Math.Min(at, bytes.Length)..Math.Min(at + cut, bytes.Length)];
            at += cut;
        }

        yield return bytes[Math.Min(at, bytes.Length)..];
    }

    private sealed record Case(byte[] Bytes, int[] Cuts, Delimiter Delimiter, int Maximum)
    {
        public override string ToString() => $"{Convert.ToHexString(Bytes)} cut {string.Join(',', Cuts)}, {Maximum}";
    }
}
