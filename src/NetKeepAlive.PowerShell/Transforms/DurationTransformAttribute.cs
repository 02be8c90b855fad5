using System;
using System.Globalization;
using System.Management.Automation;
using NetKeepAlive.Options;

namespace NetKeepAlive.PowerShell.Transforms;

/// <summary>
/// Turns what people write into a TimeSpan: a number is seconds, text may have a unit. Without it PowerShell takes
/// <c>30</c> for 30 ticks of 100 ns and <c>'30'</c> for 30 days.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DurationTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? input = Wrapping.Unwrap(inputData);
        // Without quotes PowerShell reads 1d as the decimal 1; how it was written is still there as its text.
        if (input is decimal && inputData is PSObject written)
        {
            input = written.ToString();
        }

        return input switch
        {
            null => null,
            TimeSpan span => span,
            string text when Duration.TryParse(text, out TimeSpan value) => value,
            byte or sbyte or short or ushort or int or uint or long or ulong or float or double or decimal
                when Duration.TryFromSeconds(Convert.ToDouble(input, CultureInfo.InvariantCulture), out TimeSpan value)
                => value,
            _ => throw new ArgumentTransformationMetadataException($"'{input}' is not a duration. {Duration.Accepted}"),
        };
    }
}
