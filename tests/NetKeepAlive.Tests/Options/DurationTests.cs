using System;
using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using NetKeepAlive.Options;
using Xunit;

namespace NetKeepAlive.Tests.Options;

public sealed class DurationTests
{
    [Theory]
    [InlineData("30", 30_000)]
    [InlineData("2.5", 2_500)]
    [InlineData(".5", 500)]
    [InlineData("0", 0)]
    [InlineData("-1", -1_000)]
    [InlineData("250ms", 250)]
    [InlineData("30s", 30_000)]
    [InlineData("2m", 120_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("1d", 86_400_000)]
    [InlineData("1.5H", 5_400_000)]
    [InlineData(" 10 s ", 10_000)]
    [InlineData("00:01:00", 60_000)]
    [InlineData("1.00:00:00", 86_400_000)]
    public void Text_is_read_as_people_mean_it(string text, double milliseconds)
    {
        Assert.True(Duration.TryParse(text, out TimeSpan value));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("s")]
    [InlineData("30x")]
    [InlineData("1,5")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("1e3")]
    [InlineData("99999999999d")]
    [InlineData("25:61:00")]
    public void What_is_no_duration_is_refused(string text) => Assert.False(Duration.TryParse(text, out _));

    [Theory]
    [InlineData(0, "0 s")]
    [InlineData(0.25, "250 ms")]
    [InlineData(0.0012346, "1.235 ms")]
    [InlineData(0.9999, "999.9 ms")]
    [InlineData(1, "1 s")]
    [InlineData(2.5, "2.5 s")]
    [InlineData(90, "1 m 30 s")]
    [InlineData(7200, "2 h")]
    [InlineData(7875, "2 h 11 m 15 s")]
    [InlineData(86400, "1 d")]
    [InlineData(-3, "-3 s")]
    public void It_is_written_short(double seconds, string text) =>
        Assert.Equal(text, Duration.Format(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(0.5, "500 ms")]
    [InlineData(1, "1 s")]
    [InlineData(75, "75 s")]
    [InlineData(999.5, "999.5 s")]
    [InlineData(1000, "16 m 40 s")]
    public void In_seconds_it_is_written_so_up_to_a_thousand(double seconds, string text) =>
        Assert.Equal(text, Duration.FormatSeconds(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void No_duration_is_written_as_nothing() => Assert.Empty(Duration.Format(value: null));

    [Fact]
    public void No_text_makes_it_throw() =>
        Check.QuickThrowOnFailure(Prop.ForAll<string>(text =>
        {
            _ = Duration.TryParse(text ?? string.Empty, out _);
            return true;
        }));

    [Fact]
    public void Any_number_of_milliseconds_is_read_exactly() =>
        Check.QuickThrowOnFailure(Prop.ForAll<int>(number =>
            Duration.TryParse(number.ToString(CultureInfo.InvariantCulture) + "ms", out TimeSpan value)
            && value == TimeSpan.FromMilliseconds(number)));
}
