using System;
using NetKeepAlive.Tables;
using Xunit;

namespace NetKeepAlive.Tests.Tables;

public sealed class ConnectionEndsTests
{
    [Theory]
    [InlineData("*")]
    [InlineData("127.0.0.?")]
    [InlineData("127.0.0.0/8")]
    [InlineData("127.0.0.1/32")]
    [InlineData("::/0")]
    [InlineData("localhost")]
    [InlineData("127.1")]
    [InlineData("fe80::1%no-such-interface")]
    public void An_address_that_could_be_of_more_than_one_is_refused_by_the_name_of_its_property(string address)
    {
        ArgumentException local = Assert.Throws<ArgumentException>(
            () => new ConnectionEnds(address, 1, "127.0.0.1", 2, null, null).ToFilter());
        Assert.StartsWith("LocalAddress: ", local.Message, StringComparison.Ordinal);
        ArgumentException remote = Assert.Throws<ArgumentException>(
            () => new ConnectionEnds("127.0.0.1", 1, address, 2, null, null).ToFilter());
        Assert.StartsWith("RemoteAddress: ", remote.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_network_namespaces_are_none_of_a_row()
    {
        ArgumentException all = Assert.Throws<ArgumentException>(
            () => new ConnectionEnds("127.0.0.1", 1, "127.0.0.1", 2, "*", null).ToFilter());
        Assert.StartsWith("NetworkNamespace: ", all.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("fe80::1%1")]
    public void One_address_is_taken(string address) =>
        Assert.Single(new ConnectionEnds(address, 1, address, 2, null, null).ToFilter().LocalAddress);
}
