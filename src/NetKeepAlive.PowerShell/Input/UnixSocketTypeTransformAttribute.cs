using System;
using System.Linq;
using System.Management.Automation;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>Refuses null among types of Unix sockets: PowerShell takes it for the first type that there is.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class UnixSocketTypeTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        LanguagePrimitives.GetEnumerable(Wrapping.Unwrap(inputData)) is { } many
            && many.Cast<object?>().Any(static it => Wrapping.Unwrap(it) is null)
                ? throw new ArgumentTransformationMetadataException(
                    $"A type is null. Is the variable set? Accepted are {string.Join(", ", Enum.GetNames<UnixSocketType>())}.")
                : inputData;
}
