using System;
using System.Management.Automation;

namespace NetKeepAlive.PowerShell.Transforms;

/// <summary>Checks that a duration lies in a range, both ends included; the units are seconds.</summary>
/// <param name="minimum">The shortest, in seconds. With 1 anything above zero is accepted: the kernel counts whole
/// seconds, and what lies between two rounds up.</param>
/// <param name="maximum">The longest, in seconds.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ValidateDurationAttribute(double minimum, double maximum) : ValidateArgumentsAttribute
{
    /// <summary>The shortest, in seconds.</summary>
    public double Minimum { get; } = minimum;

    /// <summary>The longest, in seconds.</summary>
    public double Maximum { get; } = maximum;

    /// <inheritdoc/>
    protected override void Validate(object? arguments, EngineIntrinsics engineIntrinsics)
    {
        if (arguments is TimeSpan value
            && (value < TimeSpan.Zero || value.TotalSeconds > Maximum
                || Math.Ceiling(value.TotalSeconds) < Minimum))
        {
            throw new ValidationMetadataException(
                FormattableString.Invariant($"{value.TotalSeconds:0.###} s is out of range: ")
                + FormattableString.Invariant($"the accepted range is {Minimum:0.###} s to {Maximum:0.###} s."));
        }
    }
}
