using System;
using System.IO;
using System.Linq;
using NetKeepAlive.Addresses;
using Xunit;

namespace NetKeepAlive.Tests.Addresses;

/// <summary>Ports, ranges, names of services and host:port, as people write them.</summary>
public sealed class PortsTests
{
    [Theory]
    [InlineData("5432", 5432, 5432, "5432")]
    [InlineData("0", 0, 0, "0")]
    [InlineData("65535", 65535, 65535, "65535")]
    [InlineData("8000-8099", 8000, 8099, "8000-8099")]
    [InlineData("8000 - 8099", 8000, 8099, "8000-8099")]
    [InlineData("7-7", 7, 7, "7")]
    [InlineData("0-65535", 0, 65535, "0-65535")]
    public void A_port_or_a_range_is_read(string text, int first, int last, string written)
    {
        PortRange range = PortRange.Parse(text);
        Assert.Equal(new PortRange(first, last), range);
        Assert.Equal(written, range.ToString());
        Assert.Equal(range, ServiceNames.ParsePorts(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("65536")]
    [InlineData("-1")]
    [InlineData("8-7")]
    [InlineData("1-65536")]
    [InlineData("1-2-3")]
    [InlineData("1-")]
    [InlineData("+1")]
    public void What_is_neither_is_refused_with_what_is_accepted(string text)
    {
        string words = $"'{text}' is neither a port (0 to 65535) nor a range of ports, smallest first (8000-8099).";
        Assert.Equal(words, Assert.Throws<FormatException>(() => PortRange.Parse(text)).Message);
    }

    [Fact]
    public void A_range_contains_its_ends_and_nothing_beyond()
    {
        PortRange range = new(80, 90);
        Assert.Equal([80, 85, 90], ((int[])[79, 80, 85, 90, 91]).Where(range.Contains));
    }

    [Fact]
    public void Ranges_that_touch_or_overlap_are_joined()
    {
        PortRange[] ranges = [new(30, 40), new(1, 5), new(6, 7), new(3, 4), new(9, 9), new(35, 50)];
        Assert.Equal([new(1, 7), new(9, 9), new(30, 50)], PortRange.Join(ranges));
        Assert.Empty(PortRange.Join([]));
    }

    [Fact]
    public void Services_have_the_ports_and_aliases_of_the_systems_list()
    {
        Assert.SkipUnless(File.Exists("/etc/services"), "The system has no /etc/services.");
        (string Name, int Port)[] all = [.. ServiceNames.All()];
        Assert.Contains(("ssh", 22), all);
        Assert.All(all, static it => Assert.InRange(it.Port, 0, ushort.MaxValue));
        Assert.DoesNotContain(all, static it => it.Name.StartsWith('#') || it.Name.Length == 0);
        string alias = File.ReadLines("/etc/services")
            .Select(static line => line.Split('#')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .First(static words => words.Length > 2)[2];
        Assert.Contains(all, it => it.Name == alias);
        Assert.Equal(22, ServiceNames.FindPort("SSH"));
        Assert.Equal(new PortRange(22, 22), ServiceNames.ParsePorts("ssh"));
    }

    [Fact]
    public void A_number_is_a_port_and_a_name_that_is_not_known_is_none()
    {
        Assert.Equal(0, ServiceNames.FindPort("0"));
        Assert.Equal(65535, ServiceNames.FindPort("65535"));
        Assert.Null(ServiceNames.FindPort("65536"));
        Assert.Null(ServiceNames.FindPort("no-such-service"));
        Assert.Equal(new PortRange(7, 7), ServiceNames.One(7));
        Assert.Equal(
            "'no-such-service' is no service that /etc/services knows. Name its port, 0 to 65535.",
            Assert.Throws<FormatException>(() => ServiceNames.ParsePorts("no-such-service")).Message);
        Assert.Contains(
            "neither a port", Assert.Throws<FormatException>(() => ServiceNames.ParsePorts("9x")).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "neither a port", Assert.Throws<FormatException>(() => ServiceNames.ParsePorts("-9")).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "neither a port", Assert.Throws<FormatException>(() => ServiceNames.ParsePorts("")).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("host:80", "host", "80")]
    [InlineData("host", "host", null)]
    [InlineData("10.0.0.1:80", "10.0.0.1", "80")]
    [InlineData("host:", "host", "")]
    [InlineData(":80", ":80", null)]
    [InlineData("::1", "::1", null)]
    [InlineData("[::1]:80", "::1", "80")]
    [InlineData("[::1]", "::1", null)]
    [InlineData("[::1]80", "[::1]80", null)]
    [InlineData("[]:80", "[]", "80")]
    [InlineData("[a:80", "[a", "80")]
    [InlineData("host:http", "host", "http")]
    [InlineData("", "", null)]
    public void A_host_and_its_port_are_taken_apart(string text, string host, string? port) =>
        Assert.Equal((host, port), HostAndPort.Split(text));
}
