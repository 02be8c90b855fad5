using System;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using Xunit;

namespace NetKeepAlive.Tests.Addresses;

public sealed unsafe class IPLiteralTests
{
    [Theory]
    [InlineData("127.0.0.1", 4)]
    [InlineData("0.0.0.0", 4)]
    [InlineData("255.255.255.255", 4)]
    [InlineData("::1", 6)]
    [InlineData("::", 6)]
    [InlineData("1:2:3:4:5:6:7:8", 6)]
    [InlineData("1:2:3:4:5:6:7::", 6)]
    [InlineData("::2:3:4:5:6:7:8", 6)]
    [InlineData("::ffff:1.2.3.4", 6)]
    [InlineData("1:2:3:4:5:6:1.2.3.4", 6)]
    [InlineData("2001:DB8::a", 6)]
    [InlineData("127.000.000.001", 0)]
    [InlineData("127.0.0.01", 0)]
    [InlineData("1", 0)]
    [InlineData("1.2.3", 0)]
    [InlineData("0x7f.0.0.1", 0)]
    [InlineData("256.1.1.1", 0)]
    [InlineData("1.2.3.4.5", 0)]
    [InlineData("1.2.3.4.", 0)]
    [InlineData("1..2.3", 0)]
    [InlineData("127.0.0.1/24", 0)]
    [InlineData("127.0.0.1 ", 0)]
    [InlineData("[::1]", 0)]
    [InlineData("::1/64", 0)]
    [InlineData(":::", 0)]
    [InlineData("::1::", 0)]
    [InlineData(":1", 0)]
    [InlineData("::1:", 0)]
    [InlineData("12345::", 0)]
    [InlineData("1:2:3:4:5:6:7", 0)]
    [InlineData("1:2:3:4:5:6:7:8:9", 0)]
    [InlineData("1:2:3:4::5:6:7:8", 0)]
    [InlineData("1:2:3:4:5:6:7:1.2.3.4", 0)]
    [InlineData("::1.2.3.4:5", 0)]
    [InlineData("1.2.3.4::", 0)]
    [InlineData("::ffff:1.2.3.04", 0)]
    [InlineData("", 0)]
    [InlineData("localhost", 0)]
    [InlineData("١.٢.٣.٤", 0)]
    public void Only_what_inet_pton_reads_is_a_literal(string text, int version)
    {
        Assert.Equal(version, IPLiteral.VersionOf(text));
        Assert.Equal(version, InetPton(text));
        Assert.Equal(version != 0, IPLiteral.TryParse(text, out IPAddress address));
        if (version != 0)
        {
            Assert.Equal(IPAddress.Parse(text), address);
        }
    }

    [Theory]
    [InlineData("::1%25", 6)]
    [InlineData("fe80::1%eth0", 6)]
    [InlineData("fe80::1%br-lan.7", 6)]
    [InlineData("::1%", 0)]
    [InlineData("::1%a%b", 0)]
    [InlineData("::1%a b", 0)]
    [InlineData("127.0.0.1%lo", 0)]
    public void An_IPv6_address_may_have_a_zone(string text, int version)
    {
        Assert.Equal(version, IPLiteral.VersionOf(text));
        Assert.Equal(version != 0, IPLiteral.TryParse(text, out _));
    }

    [Fact]
    public void Whatever_text_it_is_the_answer_is_that_of_inet_pton()
    {
        const string Letters = "0123456789abcF:::...";
        Random random = new(8305);
        for (int i = 0; i < 200_000; i++)
        {
            char[] text = new char[random.Next(1, 18)];
            for (int at = 0; at < text.Length; at++)
            {
                text[at] = Letters[random.Next(Letters.Length)];
            }

            Assert.Equal(InetPton(new string(text)), IPLiteral.VersionOf(text));
        }
    }

    [DllImport("libc")]
    private static extern int inet_pton(int family, byte* text, byte* address);

    private static int InetPton(string text)
    {
        int six = OperatingSystem.IsMacOS() ? 30 : 10;
        byte* room = stackalloc byte[16];
        fixed (byte* bytes = Encoding.UTF8.GetBytes(text + '\0'))
        {
            return inet_pton(2, bytes, room) == 1 ? 4 : inet_pton(six, bytes, room) == 1 ? 6 : 0;
        }
    }
}
