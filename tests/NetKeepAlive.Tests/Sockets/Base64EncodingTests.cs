using System;
using System.Linq;
using NetKeepAlive.Sockets.Streams;
using Xunit;

namespace NetKeepAlive.Tests.Sockets;

public sealed class Base64EncodingTests
{
    [Fact]
    public void Bytes_of_every_length_are_shown_and_come_back()
    {
        for (int length = 0; length < 70; length++)
        {
            byte[] bytes = Enumerable.Range(250, length).Select(static it => (byte)it).ToArray();
            string text = Base64Encoding.Instance.GetString(bytes);
            Assert.Equal(Convert.ToBase64String(bytes), text);
            Assert.Equal(bytes, Base64Encoding.Instance.GetBytes(text));
            Assert.InRange(text.Length, 0, Base64Encoding.Instance.GetMaxCharCount(length));
            Assert.InRange(length, 0, Base64Encoding.Instance.GetMaxByteCount(text.Length));
        }

        Assert.Equal("base64", Base64Encoding.Instance.EncodingName);
    }

    [Fact]
    public void What_is_no_base64_is_refused() =>
        Assert.Throws<FormatException>(() => Base64Encoding.Instance.GetBytes("no base64!"));
}
