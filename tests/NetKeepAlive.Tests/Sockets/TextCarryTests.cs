using System;
using System.Text;
using NetKeepAlive.Sockets.Streams;
using Xunit;

namespace NetKeepAlive.Tests.Sockets;

public sealed class TextCarryTests
{
    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("utf-32")]
    public void However_a_text_is_cut_its_pieces_make_the_text(string name)
    {
        Encoding encoding = Encoding.GetEncoding(name);
        const string Text = "Grüße, 世界! 👍🏽 €10 \u00e9e\u0301 \U0001F468\u200D\U0001F469";
        byte[] bytes = encoding.GetBytes(Text);
        Random random = new(30);
        for (int round = 0; round < 500; round++)
        {
            TextCarry carry = new();
            StringBuilder joined = new();
            int at = 0;
            while (at < bytes.Length)
            {
                int length = Math.Min(random.Next(1, 6), bytes.Length - at);
                ReadOnlySpan<byte> chunk = bytes.AsSpan(at, length);
                (byte[] before, int left) = carry.Next(chunk, encoding);
                string piece = encoding.GetString([.. before, .. chunk[..^left]]);
                Assert.DoesNotContain('\uFFFD', piece);
                joined.Append(piece);
                at += length;
            }

            Assert.Equal(Text, joined.ToString());
        }
    }

    [Theory]
    [InlineData(new byte[] { 0x41 }, 0)]
    [InlineData(new byte[] { 0x41, 0xC3 }, 1)]
    [InlineData(new byte[] { 0xC3, 0xA9 }, 0)]
    [InlineData(new byte[] { 0xE2, 0x82 }, 2)]
    [InlineData(new byte[] { 0xF0, 0x9F, 0x91 }, 3)]
    [InlineData(new byte[] { 0x80, 0x80, 0x80, 0x80 }, 0)]
    [InlineData(new byte[] { 0xFF }, 0)]
    public void What_can_never_be_a_character_is_not_waited_for(byte[] bytes, int incomplete) =>
        Assert.Equal(incomplete, TextCarry.Incomplete(bytes, Encoding.UTF8));

    [Fact]
    public void Another_encoding_begins_anew()
    {
        TextCarry carry = new();
        Assert.Equal(1, carry.Next([0xC3], Encoding.UTF8).Left);
        Assert.Empty(carry.Next([0x41], Encoding.Latin1).Before);
    }
}
