using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using NetKeepAlive.Addresses;
using NetKeepAlive.Interop.Bpf;
using NetKeepAlive.Policies;
using Xunit;

namespace NetKeepAlive.Tests.Policies;

/// <summary>What policies are made of, as far as it needs no control group.</summary>
public sealed class PolicyProgramTests
{
    private static readonly TcpKeepAlive Settings = new() { Enabled = true, IdleTime = TimeSpan.FromSeconds(30) };

    /// <summary>All that a program can be made of: with and without each filter, overriding or not.</summary>
    public static IEnumerable<TheoryDataRow<bool, bool, bool, bool>> Programs() =>
        from local in (bool[])[false, true]
        from remote in (bool[])[false, true]
        from address in (bool[])[false, true]
        from overrides in (bool[])[false, true]
        select new TheoryDataRow<bool, bool, bool, bool>(local, remote, address, overrides);

    [Theory]
    [MemberData(nameof(Programs))]
    public void The_verifier_takes_every_program(bool local, bool remote, bool address, bool overrides)
    {
        NeedBpf();
        PolicyRules rules = new()
        {
            Name = "any",
            Path = "/",
            Override = overrides,
            LocalPort = local ? [new PortRange(1, 2)] : [],
            RemotePort = remote ? [new PortRange(0, 65535)] : [],
            RemoteAddress = address ? [AddressPrefix.Parse("10.0.0.0/8")] : [],
        };
        using PolicyMaps maps = PolicyMaps.Create(rules);
        using var program = BpfProgram.LoadSockOps(PolicyProgram.Name, PolicyProgram.Write(maps, rules));
        Assert.Equal(PolicyProgram.Name, BpfCall.ToText(BpfProgram.Info(program).Name));
        maps.Write(rules);
        using PolicyMaps? found = PolicyMaps.Open(program);
        PolicyRules read = found!.ReadRules();
        Assert.Equal(rules.LocalPort, read.LocalPort);
        Assert.Equal(rules.RemotePort, read.RemotePort);
        Assert.Equal(rules.RemoteAddress, read.RemoteAddress);
    }

    [Fact]
    public void A_program_that_is_refused_tells_why_in_the_words_of_the_verifier()
    {
        NeedBpf();
        Assembler program = new();
        program.Load32(Register.R0, Register.R7, 0); // nobody has written R7
        program.Exit();
        NativeSocketException error = Assert.Throws<NativeSocketException>(
            () => BpfProgram.LoadSockOps("refused", program.Finish()));
        Assert.Contains("BPF_PROG_LOAD refused", error.Message, StringComparison.Ordinal);
        Assert.Contains("R7 !read_ok", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_survive_the_way_into_the_map_and_back()
    {
        PolicySettings all = new(
            Settings with
            {
                Interval = TimeSpan.FromSeconds(32767),
                ProbeCount = 127,
                UserTimeout = TimeSpan.FromMilliseconds(int.MaxValue),
            },
            7, 8);
        Assert.Equal(all, PolicySettings.Read(all.ToBytes()));
        PolicySettings some = new(new TcpKeepAlive { Enabled = true, UserTimeout = TimeSpan.Zero });
        Assert.Equal(some, PolicySettings.Read(some.ToBytes()));
        Assert.Equal(TimeSpan.Zero, all.With(some.KeepAlive).KeepAlive.UserTimeout);
        Assert.Equal(127, all.With(some.KeepAlive).KeepAlive.ProbeCount);
        Assert.Equal(7, all.With(some.KeepAlive).Existing);
    }

    [Theory]
    [InlineData(ConnectionDirection.Inbound, true)]
    [InlineData(ConnectionDirection.Outbound, false)]
    [InlineData(ConnectionDirection.Both, true)]
    public void Rules_survive_the_way_into_the_map_and_back(ConnectionDirection direction, bool flag)
    {
        PolicyRules rules = new()
        {
            Name = new string('n', 63),
            Path = "/system.slice/" + new string('p', 4000),
            Unit = "wéb.service",
            Root = ulong.MaxValue,
            Direction = direction,
            Override = flag,
            IsPersistent = !flag,
        };
        // Records compare lists by reference.
        PolicyRules read = PolicyRules.Read(rules.ToBytes()) with
        {
            LocalPort = rules.LocalPort,
            RemotePort = rules.RemotePort,
            RemoteAddress = rules.RemoteAddress,
        };
        Assert.Equal(rules, read);
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("policy-1_x@y.z", true)]
    [InlineData("", false)]
    [InlineData("a/b", false)]
    [InlineData("a b", false)]
    [InlineData("é", false)]
    [InlineData("a*", false)]
    public void Names_are_letters_digits_and_four_signs(string name, bool isName) =>
        Assert.Equal(isName, PolicyRules.IsName(name));

    [Fact]
    public void A_name_has_63_letters_at_most()
    {
        Assert.True(PolicyRules.IsName(new string('x', 63)));
        Assert.False(PolicyRules.IsName(new string('x', 64)));
    }

    [Theory]
    [InlineData("10.1.2.3/8", "10.0.0.0/8", "10.255.255.255", "11.0.0.0")]
    [InlineData("192.0.2.7", "192.0.2.7", "192.0.2.7", "192.0.2.8")]
    [InlineData("::ffff:192.0.2.0/120", "192.0.2.0/24", "192.0.2.255", "192.0.3.0")]
    [InlineData("2001:db8::1/32", "2001:db8::/32", "2001:db8:ffff::", "2001:db9::")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0", "255.255.255.255", "::1")]
    [InlineData("::/0", "::/0", "::1", "127.0.0.1")]
    [InlineData("::ffff:0:0/95", "::fffe:0:0/95", "::fffe:1.2.3.4", "1.2.3.4")]
    public void A_network_covers_its_own_family_up_to_its_last_address(
        string written, string shown, string inside, string outside)
    {
        AddressPrefix prefix = AddressPrefix.Parse(written);
        Assert.Equal(shown, $"{prefix}");
        Assert.True(AddressTrie.Covers([prefix], AddressPrefix.Parse(inside)));
        Assert.False(AddressTrie.Covers([prefix], AddressPrefix.Parse(outside)));
        NeedBpf();
        using var map = AddressTrie.Create("addresses", [prefix]);
        Assert.True(IsCovered(map, inside));
        Assert.False(IsCovered(map, outside));
        Assert.Equal(prefix, Assert.Single(AddressTrie.Read(map)));
    }

    [Theory]
    [InlineData("10.0.0.0/33")]
    [InlineData("fe80::1%1")]
    [InlineData("localhost")]
    [InlineData("10.0.0.0/")]
    [InlineData("")]
    public void What_is_no_network_is_an_error(string text) =>
        Assert.Throws<FormatException>(() => AddressPrefix.Parse(text));

    [Fact]
    public void Ports_are_joined_to_ranges()
    {
        IReadOnlyList<PortRange> joined = PortRange.Join(
            ((string[])["80", "8000-8010", "81", "8005-8020", "0", "65535"]).Select(PortRange.Parse));
        Assert.Equal(["0", "80-81", "8000-8020", "65535"], joined.Select(it => $"{it}"));
        byte[] map = new byte[PortMap.Size];
        PortMap.Mark(map, joined, PortMap.Remote);
        Assert.Equal(joined, PortMap.Marked(map, PortMap.Remote));
        Assert.Empty(PortMap.Marked(map, PortMap.Local));
    }

    [Theory]
    [InlineData("65536")]
    [InlineData("-1")]
    [InlineData("9-8")]
    [InlineData("1-")]
    [InlineData("http")]
    public void What_is_no_port_is_an_error(string text) => Assert.Throws<FormatException>(() => PortRange.Parse(text));

    [Theory]
    [InlineData("web", "web.service", "[Service]")]
    [InlineData("web.service", "web.service", "[Service]")]
    [InlineData("a.b", "a.b.service", "[Service]")]
    [InlineData("user@1000.slice", "user@1000.slice", "[Slice]")]
    [InlineData("x.socket", "x.socket", "[Socket]")]
    public void A_drop_in_is_as_systemd_reads_it(string unit, string name, string section)
    {
        Assert.Equal(name, SystemdUnit.FullName(unit));
        Assert.Equal(
            $"# /etc/systemd/system/{name}.d/netkeepalive.conf\n{section}\nBPFProgram=sock_ops:/sys/fs/bpf/x\n",
            SystemdUnit.DropIn(name, "/sys/fs/bpf/x"));
    }

    private static bool IsCovered(Microsoft.Win32.SafeHandles.SafeFileHandle map, string address)
    {
        byte[] key = [128, 0, 0, 0, .. IPAddress.Parse(address).MapToIPv6().GetAddressBytes()];
        byte[] value = new byte[4];
        return BpfMap.TryRead(map, key, value) && value[0] == 1;
    }

    private static void NeedBpf()
    {
        Need.Linux();
        try
        {
            BpfMap.Create("probe", BpfMapType.Array, 4, 8, 1).Dispose();
        }
        catch (NativeSocketException refused)
        {
            Assert.Skip($"no right to bpf(2): {refused.Message}");
        }
    }
}
