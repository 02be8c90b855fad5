using System;
using System.Net;
using NetKeepAlive.Addresses;
using Xunit;

namespace NetKeepAlive.Tests.Addresses;

/// <summary>The networks of policies and of the trie that the kernel looks them up in.</summary>
public sealed class AddressPrefixTests
{
    [Theory]
    [InlineData("10.0.0.0/8", "10.0.0.0/8", 104)]
    [InlineData("10.1.2.3/8", "10.0.0.0/8", 104)]
    [InlineData("10.0.0.1", "10.0.0.1", 128)]
    [InlineData("10.0.0.1/32", "10.0.0.1", 128)]
    [InlineData("0.0.0.0/0", "0.0.0.0/0", 96)]
    [InlineData("192.168.1.255/25", "192.168.1.128/25", 121)]
    [InlineData("2001:db8::1/32", "2001:db8::/32", 32)]
    [InlineData("2001:db8::1", "2001:db8::1", 128)]
    [InlineData("::/0", "::/0", 0)]
    [InlineData("::ffff:10.0.0.1", "10.0.0.1", 128)]
    [InlineData("::ffff:0.0.0.0/95", "::fffe:0:0/95", 95)]
    public void It_is_written_without_what_does_not_count(string text, string written, int length)
    {
        AddressPrefix prefix = AddressPrefix.Parse(text);
        Assert.Equal(written, prefix.ToString());
        Assert.Equal(length, prefix.Length);
        Assert.Equal(prefix, AddressPrefix.Parse(written));
        Assert.Equal(prefix.GetHashCode(), AddressPrefix.Parse(written).GetHashCode());
    }

    [Fact]
    public void Its_address_has_the_bits_of_IPv6_and_the_others_are_zero()
    {
        byte[] expected = IPAddress.Parse("::ffff:10.128.0.0").GetAddressBytes();
        Assert.Equal(expected, AddressPrefix.Parse("10.255.255.255/9").Address.ToArray());
    }

    [Theory]
    [InlineData("10.0.0.0/8", "10.1.0.0/16", true)]
    [InlineData("10.0.0.0/8", "10.0.0.0/8", true)]
    [InlineData("10.1.0.0/16", "10.0.0.0/8", false)]
    [InlineData("10.0.0.0/8", "11.0.0.1", false)]
    [InlineData("::/0", "10.0.0.1", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("0.0.0.0/0", "203.0.113.1", true)]
    public void A_network_contains_another_or_not(string outer, string inner, bool contains) =>
        Assert.Equal(contains, AddressPrefix.Parse(outer).Contains(AddressPrefix.Parse(inner)));

    [Fact]
    public void All_of_IPv4_is_a_network_of_its_own()
    {
        Assert.Equal(AddressPrefix.Parse("0.0.0.0/0"), AddressPrefix.IPv4);
        Assert.NotEqual(AddressPrefix.Parse("::/0"), AddressPrefix.IPv4);
        Assert.NotEqual(AddressPrefix.Parse("10.0.0.0/8"), AddressPrefix.Parse("10.0.0.0/9"));
        Assert.NotEqual(AddressPrefix.Parse("10.0.0.0/8"), AddressPrefix.Parse("11.0.0.0/8"));
        Assert.False(AddressPrefix.IPv4.Equals((object?)null));
        Assert.False(AddressPrefix.IPv4.Equals("0.0.0.0/0"));
    }

    [Theory]
    [InlineData("", "neither an address")]
    [InlineData("fe80::1%2", "zones are not matched")]
    [InlineData("host.example", "neither an address")]
    [InlineData("10.0.0.0/33", "0 to 32")]
    [InlineData("10.0.0.0/x", "0 to 32")]
    [InlineData("10.0.0.0/ 8", "0 to 32")]
    [InlineData("::/129", "0 to 128")]
    public void What_is_no_network_is_refused_with_what_is_accepted(string text, string words) =>
        Assert.Contains(
            words, Assert.Throws<FormatException>(() => AddressPrefix.Parse(text)).Message, StringComparison.Ordinal);
}
