using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using Xunit;
using Rule = NetKeepAlive.SocketBlockList.Rule;

namespace NetKeepAlive.Tests.Addresses;

public sealed class SocketBlockListTests
{
    [Theory]
    [InlineData("123.123.123.123", true)]
    [InlineData("10.0.0.1", true)]
    [InlineData("10.0.0.3", true)]
    [InlineData("10.0.0.10", true)]
    [InlineData("10.0.0.11", false)]
    [InlineData("222.111.111.222", false)]
    [InlineData("8592:757c:efae:4e45::1", true)]
    [InlineData("8592:757c:efae:4e45:ffff:ffff:ffff:ffff", true)]
    [InlineData("8592:757c:efae:4e46::", false)]
    [InlineData("::ffff:7b7b:7b7b", true)]
    [InlineData("::ffff:123.123.123.123", true)]
    [InlineData("::ffff:10.0.0.3", true)]
    [InlineData("::ffff:10.0.0.11", false)]
    [InlineData("::10.0.0.3", false)]
    public void An_address_a_range_and_a_subnet_are_blocked(string address, bool blocked)
    {
        SocketBlockList list = new();
        list.AddAddress(IPAddress.Parse("123.123.123.123"));
        list.AddRange(IPAddress.Parse("10.0.0.1"), IPAddress.Parse("10.0.0.10"));
        list.AddSubnet(IPAddress.Parse("8592:757c:efae:4e45::"), 64);
        Assert.Equal(blocked, list.Check(IPAddress.Parse(address)));
        Assert.Equal(blocked, list.Check(new IPEndPoint(IPAddress.Parse(address), 80)));
        Assert.Equal(["123.123.123.123", "10.0.0.1-10.0.0.10", "8592:757c:efae:4e45::/64"], list.Rules);
    }

    [Theory]
    [InlineData("0.0.0.0/0", "1.2.3.4", true)]
    [InlineData("0.0.0.0/0", "::1", false)]
    [InlineData("::/0", "2001:db8::1", true)]
    [InlineData("::/0", "1.2.3.4", false)]
    [InlineData("::/0", "::ffff:1.2.3.4", false)]
    [InlineData("10.1.2.3/32", "10.1.2.3", true)]
    [InlineData("10.1.2.3/32", "10.1.2.4", false)]
    [InlineData("10.1.2.3/24", "10.1.2.255", true)]
    [InlineData("10.1.2.3/24", "10.1.3.0", false)]
    [InlineData("2001:db8::1/128", "2001:db8::1", true)]
    [InlineData("2001:db8::1/128", "2001:db8::2", false)]
    [InlineData("::ffff:10.0.0.0/104", "10.9.9.9", true)]
    [InlineData("::ffff:0.0.0.0/96", "10.9.9.9", true)]
    public void A_subnet_covers_its_prefix(string subnet, string address, bool blocked)
    {
        SocketBlockList list = new();
        list.Add([Rule.ParseSubnet(subnet)]);
        Assert.Equal(blocked, list.Check(IPAddress.Parse(address)));
    }

    [Theory]
    [InlineData("10.0.0.0/33", "0 to 32")]
    [InlineData("::/129", "0 to 128")]
    [InlineData("10.0.0.0/-1", "no subnet")]
    [InlineData("10.0.0.0/", "no subnet")]
    [InlineData("10.0.0.0", "no subnet")]
    [InlineData("10.0.0/8", "no subnet")]
    [InlineData("/8", "no subnet")]
    public void What_is_no_subnet_is_refused(string subnet, string words)
    {
        ArgumentException error = Assert.ThrowsAny<ArgumentException>(() => Rule.ParseSubnet(subnet));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.0.0.9-10.0.0.1", "reversed")]
    [InlineData("::9-::1", "reversed")]
    [InlineData("10.0.0.1-::1", "two families")]
    [InlineData("10.0.0.1", "no range")]
    [InlineData("10.0.0.1-", "no range")]
    [InlineData("-10.0.0.1", "no range")]
    [InlineData("10.0.0.1-10.0.0.009", "no range")]
    public void What_is_no_range_is_refused(string range, string words)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => Rule.ParseRange(range));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_ends_of_the_number_space_are_numbers_too()
    {
        SocketBlockList list = new();
        list.Add([Rule.ParseRange("255.255.255.254-255.255.255.255"), Rule.ParseRange("0.0.0.0-0.0.0.1")]);
        list.Add([Rule.ParseSubnet("ffff::/16")]);
        Assert.True(list.Check(IPAddress.Broadcast));
        Assert.True(list.Check(IPAddress.Any));
        Assert.False(list.Check(IPAddress.Parse("0.0.0.2")));
        Assert.True(list.Check(IPAddress.Parse("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")));
    }

    [Fact]
    public void It_answers_as_a_plain_search_does_however_the_rules_were_added()
    {
        Random random = new(4);
        List<(uint First, uint Last)> plain = [];
        SocketBlockList list = new();
        for (int i = 0; i < 3_000; i++)
        {
            uint first = (uint)random.Next(0, 1 << 20);
            uint last = first + (uint)random.Next(0, 200);
            plain.Add((first, last));
            list.AddRange(Address(first), Address(last));
        }

        for (int i = 0; i < 5_000; i++)
        {
            uint number = (uint)random.Next(0, 1 << 20);
            Assert.Equal(plain.Any(it => it.First <= number && number <= it.Last), list.Check(Address(number)));
        }
    }

    [Fact]
    public void A_million_rules_take_twenty_steps_not_a_million()
    {
        SocketBlockList list = new();
        Rule[] rules = new Rule[1_000_000];
        for (int i = 0; i < rules.Length; i++)
        {
            rules[i] = Rule.OfAddress(Address((uint)i * 4));
        }

        list.Add(rules);
        list.AddAddress(Address(3));
        Assert.Equal(1_000_001, list.Count);

        // 200,000 checks by a search of all would be 2 * 10^11 steps: minutes, on any machine.
        int hits = 0;
        for (uint i = 0; i < 200_000; i++)
        {
            hits += list.Check(Address(i * 17 % 4_000_000)) ? 1 : 0;
        }

        Assert.InRange(hits, 49_000, 51_000);
    }

    [Fact]
    public async Task It_may_be_changed_while_others_ask()
    {
        SocketBlockList list = new();
        list.AddAddress(IPAddress.Loopback);
        using CancellationTokenSource done = new();
        Task asking = Task.Run(() =>
        {
            while (!done.IsCancellationRequested)
            {
                Assert.True(list.Check(IPAddress.Loopback));
                Assert.False(list.Check(IPAddress.IPv6Loopback));
                Assert.NotEmpty(list.Rules);
            }
        });
        Task[] adding = Enumerable.Range(1, 4).Select(part => Task.Run(() =>
        {
            for (uint i = 0; i < 500; i++)
            {
                list.AddAddress(Address(((uint)part << 24) + (i * 2)));
            }
        })).ToArray();
        await Task.WhenAll(adding);
        await done.CancelAsync();
        await asking;
        Assert.Equal(2001, list.Count);
        Assert.All(adding.Select((_, part) => Address(((uint)part + 1) << 24)), it => Assert.True(list.Check(it)));
    }

    private static IPAddress Address(uint number)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return new IPAddress(bytes);
    }
}
