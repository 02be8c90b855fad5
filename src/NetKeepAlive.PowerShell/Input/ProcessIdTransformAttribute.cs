using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Management.Automation;
using NetKeepAlive.Interop;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>Takes processes as ids and as what Get-Process gives.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ProcessIdTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        if (Wrapping.Unwrap(inputData) is not { } input)
        {
            return null;
        }

        List<int> ids = [];
        foreach (object? item in LanguagePrimitives.GetEnumerable(input) ?? new[] { input })
        {
            object? process = Wrapping.Unwrap(item);
            if (!LanguagePrimitives.TryConvertTo((process as Process)?.Id ?? process, out int id) || id < 1)
            {
                throw new ArgumentTransformationMetadataException(
                    $"'{VisibleText.Brief($"{process}")}' is no process: accepted are ids (1 to {int.MaxValue}) and what "
                    + "Get-Process gives.");
            }

            ids.Add(id);
        }

        return ids.ToArray();
    }
}
