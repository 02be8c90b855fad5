using System;
using System.Management.Automation;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>Refuses null for a parameter that was named: an unset variable must neither widen a filter, nor leave out a
/// block list, nor become the number 0.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RequireValueAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override bool TransformNullOptionalParameters => true;

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        Wrapping.Unwrap(inputData) is null
            ? throw new ArgumentTransformationMetadataException(
                "The value is null. Is the variable set? Leave the parameter out to have its default.")
            : inputData!;
}
