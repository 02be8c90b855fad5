using System;
using System.Management.Automation;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>Takes an empty text for null: a row from CSV has it where the row had nothing.</summary>
// It comes before the transformation that reads the value; they run in this order.
[AttributeUsage(AttributeTargets.Property)]
public sealed class EmptyCellAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        Wrapping.Unwrap(inputData) is string { Length: 0 } ? null : inputData;
}
