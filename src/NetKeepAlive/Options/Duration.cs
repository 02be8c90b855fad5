using System;
using System.Globalization;

namespace NetKeepAlive.Options;

/// <summary>
/// Durations as people write them: <c>30</c> and <c>2.5</c> are seconds, <c>250ms</c>, <c>30s</c>, <c>2m</c>,
/// <c>1h</c>, <c>1d</c> have a unit, and <c>00:01:00</c> is a TimeSpan.
/// </summary>
internal static class Duration
{
    /// <summary>What is accepted, for error messages.</summary>
    internal const string Accepted =
        "Give seconds (30, 2.5), a unit ('250ms', '30s', '2m', '1h', '1d') or a TimeSpan ('00:01:00').";

    /// <summary>The longest time of a timer of .NET, 2^32-2 ms, in whole seconds.</summary>
    internal const double LongestTimer = (uint.MaxValue - 1) / 1000;

    // The longest suffix first: "ms" ends in "s".
    private static readonly (string Suffix, double Seconds)[] Units =
        [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400)];

    /// <summary>Reads a duration; false where the text is none or is longer than a TimeSpan can be.</summary>
    internal static bool TryParse(string text, out TimeSpan value)
    {
        text = text.Trim();
        value = default;
        if (text.Contains(':', StringComparison.Ordinal))
        {
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out value);
        }

        foreach ((string suffix, double seconds) in Units)
        {
            if (text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
            {
                return TryParseNumber(text[..^suffix.Length], seconds, out value);
            }
        }

        return TryParseNumber(text, 1, out value);
    }

    /// <summary>A number of seconds; false where it is not finite or too large.</summary>
    internal static bool TryFromSeconds(double seconds, out TimeSpan value)
    {
        double ticks = Math.Round(seconds * TimeSpan.TicksPerSecond);
        bool fits = ticks > long.MinValue && ticks < long.MaxValue;
        value = fits ? TimeSpan.FromTicks((long)ticks) : default;
        return fits;
    }

    /// <summary>The shortest way to write a duration that keeps all of it: <c>2 h</c>, <c>1 m 30 s</c>, <c>250 ms</c>;
    /// nothing for null.</summary>
    internal static string Format(TimeSpan? value) => value is { } time ? Format(time) : string.Empty;

    /// <summary>What the kernel is given, and beside it what was asked where that is shorter.</summary>
    internal static string Format(TimeSpan given, TimeSpan asked) =>
        given == asked ? Format(asked) : $"{Format(given)} ({Format(asked)} rounded up)";

    /// <inheritdoc cref="Format(TimeSpan?)"/>
    internal static string Format(TimeSpan value)
    {
        if (value < TimeSpan.Zero)
        {
            return "-" + Format(value == TimeSpan.MinValue ? TimeSpan.MaxValue : value.Negate());
        }

        if (value < TimeSpan.FromSeconds(1))
        {
            return value == TimeSpan.Zero
                ? "0 s"
                : value.TotalMilliseconds.ToString("0.###", CultureInfo.InvariantCulture) + " ms";
        }

        double seconds = value.Seconds + (value.Ticks % TimeSpan.TicksPerSecond / (double)TimeSpan.TicksPerSecond);
        string text = string.Empty;
        Append(ref text, value.Days, "d");
        Append(ref text, value.Hours, "h");
        Append(ref text, value.Minutes, "m");
        Append(ref text, seconds, "s");
        return text;
    }

    /// <summary>In seconds up to 1,000 of them, where that is shorter: <c>75 s</c> for <c>1 m 15 s</c>.</summary>
    internal static string FormatSeconds(TimeSpan value) => value.TotalSeconds is >= 1 and < 1000
        ? string.Create(CultureInfo.InvariantCulture, $"{value.TotalSeconds:0.###} s")
        : Format(value);

    private static void Append(ref string text, double number, string unit)
    {
        if (number > 0)
        {
            string space = text.Length == 0 ? string.Empty : " ";
            text += string.Create(CultureInfo.InvariantCulture, $"{space}{number:0.###} {unit}");
        }
    }

    private static bool TryParseNumber(string text, double unit, out TimeSpan value)
    {
        const NumberStyles Style =
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowTrailingWhite;
        value = default;
        return double.TryParse(text, Style, CultureInfo.InvariantCulture, out double number)
            && TryFromSeconds(number * unit, out value);
    }
}
