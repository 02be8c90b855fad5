using System;
using System.Net.Sockets;
using NetKeepAlive.Interop;
using NetKeepAlive.Options;
using Xunit;

namespace NetKeepAlive.Tests.Options;

public sealed class TcpKeepAliveTests
{
    [Theory]
    [InlineData(AddressFamily.InterNetwork)]
    [InlineData(AddressFamily.InterNetworkV6)]
    public void What_is_applied_is_read_back_and_what_is_null_stays(AddressFamily family)
    {
        using Connection connection = new(family);
        TcpKeepAlive before = TcpKeepAlive.Read(connection.Client);
        new TcpKeepAlive { Interval = TimeSpan.FromSeconds(7) }.Apply(connection.Client);
        Assert.Equal(before with { Interval = TimeSpan.FromSeconds(7) }, TcpKeepAlive.Read(connection.Client));

        TcpKeepAlive all = new()
        {
            Enabled = true,
            IdleTime = TimeSpan.FromSeconds(30),
            Interval = TimeSpan.FromSeconds(10),
            ProbeCount = 3,
            UserTimeout = TimeSpan.FromSeconds(60),
        };
        all.Apply(connection.Client);
        Assert.Equal(all, TcpKeepAlive.Read(connection.Client));
    }

    [Theory]
    [InlineData(0.25, 1)]
    [InlineData(1.0, 1)]
    [InlineData(1.001, 2)]
    [InlineData(1.999, 2)]
    [InlineData(32767, 32767)]
    public void Whole_seconds_round_up(double asked, int kept)
    {
        using Connection connection = new();
        new TcpKeepAlive { IdleTime = TimeSpan.FromSeconds(asked) }.Apply(connection.Client);
        Assert.Equal(TimeSpan.FromSeconds(kept), TcpKeepAlive.Read(connection.Client).IdleTime);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(32767.5)]
    [InlineData(32768)]
    public void A_time_out_of_range_is_refused_and_nothing_is_applied(double seconds)
    {
        using Connection connection = new();
        TcpKeepAlive before = TcpKeepAlive.Read(connection.Client);
        TcpKeepAlive wrong = new()
        {
            Enabled = true,
            IdleTime = TimeSpan.FromSeconds(5),
            Interval = TimeSpan.FromSeconds(seconds),
        };
        ArgumentOutOfRangeException error =
            Assert.Throws<ArgumentOutOfRangeException>(() => wrong.Apply(connection.Client));
        Assert.Equal("Interval", error.ParamName);
        Assert.Contains("1 s to 32767 s", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, TcpKeepAlive.Read(connection.Client));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(128)]
    public void A_probe_count_out_of_range_is_refused(int probes)
    {
        using Connection connection = new();
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(
            () => new TcpKeepAlive { ProbeCount = probes }.Apply(connection.Client));
        Assert.Contains("1 to 127", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_Unix_socket_is_refused_and_keeps_its_switch()
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        NativeSocketException error =
            Assert.Throws<NativeSocketException>(() => new TcpKeepAlive { Enabled = true }.Apply(socket));
        Assert.Equal("EOPNOTSUPP", error.Errno);
        Assert.Contains("not a TCP socket", error.Message, StringComparison.Ordinal);
        Assert.False(SocketOptions.KeepAlive.Get(socket.SafeHandle));
    }

    [Fact]
    public void A_closed_socket_is_refused()
    {
        using Connection connection = new();
        connection.Client.Dispose();
        Assert.Throws<ObjectDisposedException>(() => TcpKeepAlive.Read(connection.Client));
    }

    [Theory]
    [InlineData(1, 1, 3, 0, 4)]
    [InlineData(7200, 75, 9, 0, 7875)]
    [InlineData(1, 1, 9, 3, 3)] // measured on Linux: 3.06 s
    [InlineData(1, 2, 9, 2.5, 3)]
    [InlineData(10, 5, 3, 2, 15)] // never before one probe went unanswered for an interval
    [InlineData(10, 5, 3, 10, 15)]
    [InlineData(10, 5, 3, 15.001, 20)]
    public void Detection_time_follows_from_the_settings(
        double idle, double interval, int probes, double userTimeout, double expected)
    {
        TcpKeepAlive settings = new()
        {
            Enabled = true,
            IdleTime = TimeSpan.FromSeconds(idle),
            Interval = TimeSpan.FromSeconds(interval),
            ProbeCount = probes,
            UserTimeout = TimeSpan.FromSeconds(userTimeout),
        };
        Assert.Equal(TimeSpan.FromSeconds(expected), settings.DetectionTimeOn(Platform.Linux));
        Assert.Null((settings with { Enabled = false }).DetectionTimeOn(Platform.Linux));
    }

    public static TheoryData<TcpKeepAlive, string> InWords() => new()
    {
        { new TcpKeepAlive { Enabled = false, IdleTime = TimeSpan.FromSeconds(30) }, "off" },
        { new TcpKeepAlive { Enabled = true }, "on" },
        { new TcpKeepAlive(), "unchanged" },
        {
            new TcpKeepAlive
            {
                Enabled = true,
                IdleTime = TimeSpan.FromSeconds(90),
                Interval = TimeSpan.FromSeconds(10),
                ProbeCount = 3,
            },
            "1 m 30 s + 3 x 10 s"
        },
        { new TcpKeepAlive { IdleTime = TimeSpan.FromSeconds(30) }, "idle time 30 s" },
        { new TcpKeepAlive { Interval = TimeSpan.FromSeconds(5), ProbeCount = 4 }, "interval 5 s, probes 4" },
        {
            new TcpKeepAlive { Enabled = true, IdleTime = TimeSpan.FromSeconds(30), UserTimeout = TimeSpan.FromSeconds(60) },
            "idle time 30 s, user timeout 1 m"
        },
    };

    [Theory]
    [MemberData(nameof(InWords))]
    public void Settings_are_told_in_words(TcpKeepAlive settings, string words) =>
        Assert.Equal(words, settings.ToString());

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(32767, 32767, 127)]
    public void The_ends_of_the_accepted_ranges_are_accepted(int idle, int interval, int probes)
    {
        using Connection connection = new();
        TcpKeepAlive settings = new()
        {
            Enabled = true,
            IdleTime = TimeSpan.FromSeconds(idle),
            Interval = TimeSpan.FromSeconds(interval),
            ProbeCount = probes,
        };
        settings.Apply(connection.Client.SafeHandle);
        TcpKeepAlive read = TcpKeepAlive.Read(connection.Client.SafeHandle);
        Assert.Equal(
            (settings.IdleTime, settings.Interval, settings.ProbeCount), (read.IdleTime, read.Interval, read.ProbeCount));
    }

    [Fact]
    public void What_lies_beyond_them_is_refused_before_anything_is_set()
    {
        using Connection connection = new();
        TcpKeepAlive before = TcpKeepAlive.Read(connection.Client.SafeHandle);
        TcpKeepAlive[] wrong =
        [
            new() { Interval = TimeSpan.FromSeconds(7), IdleTime = TimeSpan.Zero },
            new() { Interval = TimeSpan.FromSeconds(7), IdleTime = TimeSpan.FromSeconds(32768) },
            new() { IdleTime = TimeSpan.FromSeconds(7), Interval = TimeSpan.Zero },
            new() { IdleTime = TimeSpan.FromSeconds(7), Interval = TimeSpan.FromSeconds(32767.1) },
            new() { IdleTime = TimeSpan.FromSeconds(7), ProbeCount = 0 },
            new() { IdleTime = TimeSpan.FromSeconds(7), ProbeCount = 128 },
            new() { IdleTime = TimeSpan.FromSeconds(7), UserTimeout = TimeSpan.FromMilliseconds(-1) },
        ];
        foreach (TcpKeepAlive settings in wrong)
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => settings.Apply(connection.Client.SafeHandle));
            Assert.Equal(before, TcpKeepAlive.Read(connection.Client.SafeHandle));
        }
    }

    [Fact]
    public void Settings_that_no_socket_could_have_have_no_detection_time()
    {
        TcpKeepAlive settings = new()
        {
            Enabled = true,
            IdleTime = TimeSpan.FromSeconds(10),
            Interval = TimeSpan.Zero,
            UserTimeout = TimeSpan.FromSeconds(30),
        };
        Assert.Null(settings.DetectionTimeOn(Platform.Linux));
        Assert.Null((settings with { UserTimeout = null, ProbeCount = 3 }).DetectionTimeOn(Platform.Darwin));
    }

    [Fact]
    public void The_longest_user_timeout_is_told_to_the_millisecond()
    {
        using Connection connection = new();
        TcpKeepAlive settings = new() { UserTimeout = TimeSpan.FromSeconds(2147484) };
        Assert.Contains(
            CurrentPlatform.Value is Platform.Linux ? "0 s to 2147483.647 s" : "0 s to ",
            Assert.Throws<ArgumentOutOfRangeException>(() => settings.Apply(connection.Client.SafeHandle)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_system_defaults_are_those_of_the_sysctls()
    {
        Assert.SkipUnless(CurrentPlatform.Value is Platform.Linux, "Linux only");
        using Connection connection = new();
        Assert.Equal(SystemKeepAlive.Read(), TcpKeepAlive.Read(connection.Client));
    }

    [Theory]
    [InlineData(4, 1, 1, 4)]
    [InlineData(5, 2, 1, 5)]
    [InlineData(10.9, 7, 1, 10)]
    [InlineData(12, 6, 2, 12)]
    [InlineData(60, 30, 10, 60)]
    [InlineData(65533.9, 32767, 10922, 65533)]
    public void The_settings_that_notice_a_dead_peer_within_a_time(
        double within, int idle, int interval, int userTimeout)
    {
        TcpKeepAlive settings = TcpKeepAlive.Within(TimeSpan.FromSeconds(within));
        Assert.Equal(
            new TcpKeepAlive
            {
                Enabled = true,
                IdleTime = TimeSpan.FromSeconds(idle),
                Interval = TimeSpan.FromSeconds(interval),
                ProbeCount = 3,
                UserTimeout = TimeSpan.FromSeconds(userTimeout),
            },
            settings);
        settings.Check();
    }

    // From the shortest to the longest: idle, no probe schedule is longer than what was asked, on either platform.
    [Fact]
    public void No_time_is_missed_by_the_settings_that_follow_from_it()
    {
        for (int within = TcpKeepAlive.MinimumAimSeconds; within <= TcpKeepAlive.MaximumAimSeconds; within++)
        {
            TcpKeepAlive settings = TcpKeepAlive.Within(TimeSpan.FromSeconds(within));
            Assert.Equal(within, settings.DetectionTimeOn(Platform.Linux)!.Value.TotalSeconds);
            Assert.Equal(within, settings.DetectionTimeOn(Platform.Darwin)!.Value.TotalSeconds);
            Assert.Equal(within, settings.InFlightDetectionTime!.Value.TotalSeconds);
        }
    }

    [Theory]
    [InlineData(3.99)]
    [InlineData(-60)]
    [InlineData(65534)]
    public void A_time_that_cannot_be_kept_is_refused(double within) =>
        Assert.Contains(
            "4 s to 65533 s",
            Assert.Throws<ArgumentOutOfRangeException>(() => TcpKeepAlive.Within(TimeSpan.FromSeconds(within))).Message,
            StringComparison.Ordinal);

    // The figures that ip-sysctl.rst of Linux and RFC 1122 talk of: 15 retries are at least 924.6 s.
    [Theory]
    [InlineData(15, 120, 924.6)]
    [InlineData(8, 120, 102.2)]
    [InlineData(3, 120, 3)]
    [InlineData(0, 120, 0.2)]
    [InlineData(15, 1, 14.4)]
    public void Retransmission_gives_up_when_the_kernel_says(int retries, double longest, double seconds) =>
        Assert.Equal(seconds, TcpRetransmission.Model(retries, TimeSpan.FromSeconds(longest)).TotalSeconds, 6);

    [Fact]
    public void In_flight_the_user_timeout_decides_and_without_one_the_system()
    {
        Need.Linux();
        Assert.Null(new TcpKeepAlive { Enabled = true }.InFlightDetectionTime);
        Assert.Equal(
            TimeSpan.FromSeconds(7),
            new TcpKeepAlive { UserTimeout = TimeSpan.FromSeconds(7) }.InFlightDetectionTime);
        Assert.Equal(
            TcpRetransmission.GiveUpTime, new TcpKeepAlive { UserTimeout = TimeSpan.Zero }.InFlightDetectionTime);
    }

    [Fact]
    public void An_MPTCP_socket_takes_the_idle_settings_and_has_no_user_timeout()
    {
        using SafeSocketHandle socket = MptcpSocket.Create();
        TcpKeepAlive settings = TcpKeepAlive.Within(TimeSpan.FromSeconds(60));
        Assert.Throws<NativeSocketException>(() => settings.Apply(socket));
        Assert.False(settings.ApplyWhatFits(socket));
        Assert.Equal(settings with { UserTimeout = null }, TcpKeepAlive.Read(socket));
    }
}
