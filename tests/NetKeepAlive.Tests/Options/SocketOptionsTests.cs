using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Sockets;
using System.Reflection;
using NetKeepAlive.Interop;
using NetKeepAlive.Options;
using Xunit;

namespace NetKeepAlive.Tests.Options;

/// <summary>Each option: get, set to something else, get.</summary>
public sealed class SocketOptionsTests
{
    // What differs from a fresh socket's value, and is taken by the kernel as it is unless told here what it makes of
    // it.
    private static readonly Dictionary<string, (object? Set, object? Get)> Values = new()
    {
        ["KeepAlive"] = (true, true),
        ["KeepAliveIdleTime"] = (TimeSpan.FromSeconds(11), TimeSpan.FromSeconds(11)),
        ["KeepAliveInterval"] = (TimeSpan.FromSeconds(12), TimeSpan.FromSeconds(12)),
        ["KeepAliveProbeCount"] = (13, 13),
        ["UserTimeout"] = (TimeSpan.FromSeconds(14), TimeSpan.FromSeconds(14)),
        ["NoDelay"] = (true, true),
        ["Cork"] = (true, true),
        ["SynCount"] = (3, 3),
        ["FinTimeout"] = (TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(15)),
        ["QuickAck"] = (false, false),
        ["NotSentLowWater"] = (16384, 16384),
        ["ReuseAddress"] = (true, true),
        ["ReusePort"] = (true, true),
        ["DontRoute"] = (true, true),
        ["Broadcast"] = (true, true),
        ["OutOfBandInline"] = (true, true),
        ["Linger"] = (TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5)),
        ["ReceiveLowWater"] = (2, 2),
        ["ReceiveTimeout"] = (TimeSpan.FromMilliseconds(1500), TimeSpan.FromMilliseconds(1500)),
        ["SendTimeout"] = (TimeSpan.FromMilliseconds(2500), TimeSpan.FromMilliseconds(2500)),
        ["Timestamp"] = (true, true),
    };

    public static TheoryData<string, AddressFamily> Settable()
    {
        TheoryData<string, AddressFamily> data = [];
        foreach (string name in Values.Keys)
        {
            data.Add(name, AddressFamily.InterNetwork);
            data.Add(name, AddressFamily.InterNetworkV6);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Settable))]
    public void What_is_set_is_read_back(string name, AddressFamily family)
    {
        SocketOption option = SocketOptions.Find(name)!;
        Assert.SkipWhen(option.Number is null, "not an option of this platform");
        using Socket socket = new(family, SocketType.Stream, ProtocolType.Tcp);
        (object? set, object? get) = Values[name];
        Assert.NotEqual(get, option.GetValue(socket.SafeHandle));
        option.SetValue(socket.SafeHandle, set);
        Assert.Equal(get, option.GetValue(socket.SafeHandle));
    }

    [Fact]
    public void Every_option_of_this_platform_that_can_be_read_can_be_read()
    {
        using Socket tcp4 = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using Socket tcp6 = new(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        using Socket unix = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        foreach (SocketOption option in SocketOptions.All)
        {
            if (option.Number is not null && option.Access is not SocketOptionAccess.WriteOnly)
            {
                Socket socket = option.Level is SocketOptionLevel.IPv6 ? tcp6
                    : option.Name.EndsWith("Credential", StringComparison.Ordinal) ? unix
                    : tcp4;
                Exception? refused = Record.Exception(() => option.GetValue(socket.SafeHandle));

                // macOS tells TCP_FASTOPEN of a listener, where the system allows it.
                Assert.True(
                    refused is null || (option == SocketOptions.FastOpen && refused.Message.Contains("ENOTSUP")),
                    refused?.ToString());
            }
        }
    }

    [Fact]
    public void An_option_is_found_by_its_name_and_by_its_constant_in_any_case()
    {
        Assert.Same(SocketOptions.KeepAliveInterval, SocketOptions.Find("keepaliveinterval"));
        Assert.Same(SocketOptions.KeepAliveInterval, SocketOptions.Find("TCP_KEEPINTVL"));
        Assert.Same(SocketOptions.KeepAliveIdleTime, SocketOptions.Find("TCP_KEEPALIVE"));
        Assert.Null(SocketOptions.Find("TCP_NO_SUCH"));
    }

    [Fact]
    public void Every_option_that_is_written_down_is_in_the_list()
    {
        IEnumerable<SocketOption> written = typeof(SocketOptions)
            .GetFields(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)
            .Select(static it => it.GetValue(null))
            .OfType<SocketOption>();
        Assert.Empty(written.Except(SocketOptions.All));
    }

    [Fact]
    public void Names_and_numbers_are_unique()
    {
        Assert.Equal(SocketOptions.All.Count, SocketOptions.All.Select(option => option.Name).Distinct().Count());
        Assert.Equal(
            SocketOptions.All.Count(option => option.LinuxNumber is not null),
            SocketOptions.All.Where(option => option.LinuxNumber is not null)
                .Select(option => (option.Level, option.LinuxNumber)).Distinct().Count());
    }

    [Fact]
    public void Linger_is_off_until_it_is_set_and_can_be_turned_off()
    {
        using Connection connection = new();
        Assert.Null(SocketOptions.Linger.Get(connection.Client.SafeHandle));
        SocketOptions.Linger.Set(connection.Client.SafeHandle, TimeSpan.Zero);
        Assert.Equal(TimeSpan.Zero, SocketOptions.Linger.Get(connection.Client.SafeHandle));
        SocketOptions.Linger.Set(connection.Client.SafeHandle, null);
        Assert.Null(SocketOptions.Linger.Get(connection.Client.SafeHandle));
    }

    [Fact]
    public void A_value_that_does_not_fit_is_refused_with_what_is_accepted()
    {
        using Connection connection = new();
        Assert.Contains(
            "is out of range: the accepted range is 0 s to ",
            Refusal(() => SocketOptions.UserTimeout.Set(connection.Client.SafeHandle, TimeSpan.FromDays(60))),
            StringComparison.Ordinal);
        Assert.StartsWith(
            "Linger: -1 s is out of range",
            Refusal(() => SocketOptions.Linger.Set(connection.Client.SafeHandle, TimeSpan.FromSeconds(-1))),
            StringComparison.Ordinal);
        Assert.StartsWith(
            "ReceiveTimeout: -1 s is out of range",
            Refusal(() => SocketOptions.ReceiveTimeout.Set(connection.Client.SafeHandle, TimeSpan.FromSeconds(-1))),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_has_15_bytes_at_most()
    {
        Need.Linux();
        using Connection connection = new();
        Assert.Contains(
            "the accepted length is 0 to 15 bytes",
            Refusal(() => SocketOptions.Congestion.Set(connection.Client.SafeHandle, new string('x', 16))),
            StringComparison.Ordinal);
        NativeSocketException none = Assert.Throws<NativeSocketException>(
            () => SocketOptions.Congestion.Set(connection.Client.SafeHandle, new string('x', 15)));
        Assert.Equal("ENOENT", none.Errno);
        Assert.Contains("TCP_CONGESTION (Congestion)", none.Message, StringComparison.Ordinal);
        Assert.Contains("net.ipv4.tcp_available_congestion_control lists them", none.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_kernel_refuses_is_told_with_the_accepted_range()
    {
        Need.Linux();
        using Connection connection = new();
        NativeSocketException refused = Assert.Throws<NativeSocketException>(
            () => SocketOptions.KeepAliveProbeCount.Set(connection.Client.SafeHandle, 128));
        Assert.Equal("EINVAL", refused.Errno);
        Assert.Contains("The accepted range is 1 to 127.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_longest_lingering_is_the_longest_that_the_kernel_keeps()
    {
        Need.Linux();
        using Connection connection = new();
        TimeSpan longest = TimeSpan.FromSeconds(int.MaxValue);
        SocketOptions.Linger.Set(connection.Client.SafeHandle, longest - TimeSpan.FromMilliseconds(1));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => SocketOptions.Linger.Set(connection.Client.SafeHandle, longest + TimeSpan.FromMilliseconds(1)));
        SocketOptions.Linger.Set(connection.Client.SafeHandle, null);
    }

    [Theory]
    [InlineData(10.0, "KeepAliveInterval = 10 s")]
    [InlineData(null, "KeepAliveInterval = null")]
    public void A_value_is_told_in_words(double? seconds, string words) => Assert.Equal(
        words,
        new SocketOptionValue(
            "KeepAliveInterval", seconds is { } s ? TimeSpan.FromSeconds(s) : null, SocketOptionLevel.Tcp, 5).ToString());

    [Fact]
    public void Levels_have_the_numbers_of_their_platform()
    {
        Assert.Equal(1, SocketOption.LevelNumber(SocketOptionLevel.Socket, Platform.Linux));
        Assert.Equal(0xffff, SocketOption.LevelNumber(SocketOptionLevel.Socket, Platform.Darwin));
        Assert.Equal(6, SocketOption.LevelNumber(SocketOptionLevel.Tcp, Platform.Linux));
        Assert.Equal(6, SocketOption.LevelNumber(SocketOptionLevel.Tcp, Platform.Darwin));
    }

    private static string Refusal(Action set) => Assert.Throws<ArgumentOutOfRangeException>(set).Message;
}
