using System;
using System.Globalization;
using System.Management.Automation;
using System.Numerics;
using System.Text.RegularExpressions;
using NetKeepAlive.Interop;
using NetKeepAlive.Options;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>
/// Turns what people write into a TimeSpan, and checks its range: a number is seconds, text may have a unit. Without it
/// PowerShell takes <c>30</c> for 30 ticks of 100 ns and <c>'30'</c> for 30 days.
/// </summary>
/// <param name="minimum">The shortest, in seconds. With 1 or more the kernel counts whole seconds, and what lies between two
/// rounds up: with 1 anything above zero is accepted.</param>
/// <param name="maximum">The longest, in seconds.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed partial class DurationAttribute(double minimum, double maximum) : ArgumentTransformationAttribute
{
    /// <summary>The longest wait that .NET's timers and poll(2) take, 2^31-1 ms, in whole seconds.</summary>
    internal const double LongestWait = int.MaxValue / 1000;

    /// <summary>The longest time of a timer of .NET, in seconds.</summary>
    internal const double LongestTimer = Duration.LongestTimer;

    /// <summary>The shortest, in seconds.</summary>
    public double Minimum { get; } = minimum;

    /// <summary>The longest, in seconds.</summary>
    public double Maximum { get; } = maximum;

    /// <summary>Are only whole seconds taken, and what is over them left out?</summary>
    public bool RoundsDown { get; set; }

    /// <summary>Does null mean something: that the duration is turned off?</summary>
    public bool AcceptsNull { get; set; }

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        if (AcceptsNull && Wrapping.Unwrap(inputData) is null)
        {
            return null;
        }

        TimeSpan value = Read(inputData);
        if (RoundsDown)
        {
            value = TimeSpan.FromSeconds(Math.Floor(value.TotalSeconds));
        }

        double given = Minimum >= 1 ? Math.Ceiling(value.TotalSeconds) : value.TotalSeconds;
        return value >= TimeSpan.Zero && value.TotalSeconds <= Maximum && given >= Minimum
            ? value
            : throw new ArgumentTransformationMetadataException(
                string.Create(CultureInfo.InvariantCulture, $"{value.TotalSeconds:0.###} s is out of range: ")
                + string.Create(
                    CultureInfo.InvariantCulture, $"the accepted range is {Minimum:0.###} s to {Maximum:0.###} s."));
    }

    /// <summary>Reads a duration of any length.</summary>
    /// <exception cref="ArgumentTransformationMetadataException">It is none.</exception>
    internal static TimeSpan Read(object? inputData)
    {
        object? input = Wrapping.Unwrap(inputData);
        return input switch
        {
            TimeSpan span => span,
            string text when Duration.TryParse(text, out TimeSpan value) => value,
            byte or sbyte or short or ushort or int or uint or long or ulong or float or double or decimal
                => ReadNumber(Convert.ToDouble(input, CultureInfo.InvariantCulture), (inputData as PSObject)?.ToString()),
            BigInteger number => ReadNumber((double)number, (inputData as PSObject)?.ToString()),
            null => throw new ArgumentTransformationMetadataException($"null is not a duration. {Duration.Accepted}"),
            _ => throw NotADuration($"{input}"),
        };
    }

    // Without quotes PowerShell reads 2.5s as the short 2 and 1d as the decimal 1. What was typed is still there as the
    // text of the wrapped number, and counts.
    private static TimeSpan ReadNumber(double number, string? typed)
    {
        if (typed is not null && !PlainNumber().IsMatch(typed))
        {
            return Duration.TryParse(typed, out TimeSpan written)
                ? written
                : throw new ArgumentTransformationMetadataException(
                    $"PowerShell reads {VisibleText.Brief(typed)} as the number "
                    + $"{number.ToString(CultureInfo.InvariantCulture)}. "
                    + $"{Duration.Accepted} Put quotes around a duration with a unit.");
        }

        return Duration.TryFromSeconds(number, out TimeSpan value)
            ? value
            : throw NotADuration(number.ToString(CultureInfo.InvariantCulture));
    }

    private static ArgumentTransformationMetadataException NotADuration(string input) =>
        new($"'{VisibleText.Brief(input)}' is not a duration. {Duration.Accepted}");

    // Digits in any culture's form, an exponent, or hexadecimal: nothing that could be meant as a unit.
    [GeneratedRegex(@"^\s*[+-]?(0x[0-9a-f]+|[\d.,]+(e[+-]?\d+)?|∞|NaN)\s*$", RegexOptions.IgnoreCase)]
    private static partial Regex PlainNumber();
}
