using System;
using System.Net;
using NetKeepAlive.Addresses;
using NetKeepAlive.Interop.Netlink;
using Xunit;

namespace NetKeepAlive.Tests.Addresses;

/// <summary>The addresses that people look for, against those that the kernel lists.</summary>
public sealed class AddressPatternTests
{
    [Theory]
    [InlineData("10.0.0.1", "10.0.0.1", true)]
    [InlineData("10.0.0.1", "10.0.0.2", false)]
    [InlineData("10.0.0.0/8", "10.255.255.255", true)]
    [InlineData("10.0.0.0/8", "11.0.0.0", false)]
    [InlineData("10.0.0.7/8", "10.1.2.3", true)]
    [InlineData("10.128.0.0/9", "10.128.0.0", true)]
    [InlineData("10.128.0.0/9", "10.127.255.255", false)]
    [InlineData("192.168.1.64/27", "192.168.1.95", true)]
    [InlineData("192.168.1.64/27", "192.168.1.96", false)]
    [InlineData("10.0.0.1/32", "10.0.0.1", true)]
    [InlineData("10.0.0.1/32", "10.0.0.0", false)]
    [InlineData("0.0.0.0/0", "203.0.113.9", true)]
    [InlineData("::/0", "2001:db8::1", true)]
    [InlineData("::/0", "203.0.113.9", false)]
    [InlineData("2001:db8::/33", "2001:db8:7fff::1", true)]
    [InlineData("2001:db8::/33", "2001:db8:8000::1", false)]
    [InlineData("::1", "::1", true)]
    [InlineData("::1", "127.0.0.1", false)]
    [InlineData("10.0.*", "10.0.99.1", true)]
    [InlineData("10.0.*", "10.1.0.1", false)]
    [InlineData("10.0.0.?", "10.0.0.7", true)]
    [InlineData("10.0.0.?", "10.0.0.77", false)]
    [InlineData("2001:DB8::*", "2001:db8::1", true)]
    public void An_address_meets_a_pattern_or_not(string pattern, string address, bool meets) =>
        Assert.Equal(meets, Meets(pattern, address));

    [Theory]
    [InlineData("10.0.0.1", "::ffff:10.0.0.1", true)]
    [InlineData("10.0.0.0/8", "::ffff:10.9.9.9", true)]
    [InlineData("10.0.0.0/8", "::ffff:11.0.0.1", false)]
    [InlineData("10.0.0.1", "::10.0.0.1", false)]
    [InlineData("10.0.0.*", "::ffff:10.0.0.3", true)]
    [InlineData("::ffff:10.*", "::ffff:10.0.0.3", true)]
    public void IPv4_also_stands_for_the_same_address_mapped_into_IPv6(string pattern, string address, bool meets) =>
        Assert.Equal(meets, Meets(pattern, address));

    [Fact]
    public void Each_side_of_a_connection_is_looked_at_by_itself()
    {
        SocketIdentity identity = SocketIdentity.Of(
            new IPEndPoint(IPAddress.Parse("10.0.0.1"), 1), new IPEndPoint(IPAddress.Parse("10.0.0.2"), 2), 0);
        Assert.True(AddressPattern.Parse("10.0.0.1").Matches(identity, source: true, isIPv6: false));
        Assert.False(AddressPattern.Parse("10.0.0.1").Matches(identity, source: false, isIPv6: false));
        Assert.True(AddressPattern.Parse("10.0.0.2").Matches(identity, source: false, isIPv6: false));
    }

    [Fact]
    public void A_zone_means_the_interface()
    {
        AddressPattern any = AddressPattern.Parse("fe80::1");
        AddressPattern second = AddressPattern.Of(IPAddress.Parse("fe80::1%2"));
        Assert.True(Meets(any, "fe80::1%2"));
        Assert.True(Meets(second, "fe80::1%2"));
        Assert.False(Meets(second, "fe80::1%3"));
        Assert.Contains(
            "no interface 'nosuch0'",
            Assert.Throws<FormatException>(() => AddressPattern.Parse("fe80::1%nosuch0")).Message,
            StringComparison.Ordinal);
        Assert.True(Meets("fe80::1%0", "fe80::1%2"));
    }

    [Fact]
    public void Rows_of_a_family_that_cannot_meet_it_are_not_asked_for()
    {
        Assert.True(AddressPattern.Parse("10.0.0.1").CanMatch(isIPv6: true));
        Assert.True(AddressPattern.Parse("10.0.0.1").CanMatch(isIPv6: false));
        Assert.True(AddressPattern.Parse("::1").CanMatch(isIPv6: true));
        Assert.False(AddressPattern.Parse("::1").CanMatch(isIPv6: false));
        Assert.True(AddressPattern.Parse("*").CanMatch(isIPv6: false));
        Assert.True(AddressPattern.Parse("*").IsWildcard);
        Assert.False(AddressPattern.Parse("::1").IsWildcard);
    }

    [Fact]
    public void The_kernel_is_asked_for_the_bytes_and_their_length()
    {
        DiagCondition condition = AddressPattern.Parse("10.1.0.0/16").ToCondition(source: true);
        Assert.Equal(new DiagCondition(true, condition.Address, 16, null), condition);
        Assert.Equal([10, 1, 0, 0], condition.Address);
        Assert.Equal(128, AddressPattern.Of(IPAddress.IPv6Loopback).ToCondition(source: false).PrefixLength);
        Assert.Equal(32, AddressPattern.Of(IPAddress.Loopback).ToCondition(source: false).PrefixLength);
    }

    [Theory]
    [InlineData("", "neither an address")]
    [InlineData("host.example", "neither an address")]
    [InlineData("/8", "neither an address")]
    [InlineData("10.0.0", "neither an address")]
    [InlineData("10.0.0.0/33", "0 to 32")]
    [InlineData("10.0.0.0/", "0 to 32")]
    [InlineData("10.0.0.0/-1", "0 to 32")]
    [InlineData("10.0.0.0/+8", "0 to 32")]
    [InlineData("::/129", "0 to 128")]
    public void What_is_no_pattern_is_refused_with_what_is_accepted(string text, string words) =>
        Assert.Contains(
            words, Assert.Throws<FormatException>(() => AddressPattern.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("10.0.0.0/8")]
    [InlineData("10.*")]
    [InlineData("::1")]
    public void It_reads_as_it_was_written(string text) => Assert.Equal(text, AddressPattern.Parse(text).ToString());

    private static bool Meets(string pattern, string address) => Meets(AddressPattern.Parse(pattern), address);

    private static bool Meets(AddressPattern pattern, string address)
    {
        IPAddress local = IPAddress.Parse(address);
        bool isIPv6 = local.AddressFamily is System.Net.Sockets.AddressFamily.InterNetworkV6;
        return pattern.Matches(SocketIdentity.Of(new IPEndPoint(local, 1), null, 0), source: true, isIPv6);
    }
}
