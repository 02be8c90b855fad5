using System;
using System.Collections.Generic;
using System.Management.Automation;
using NetKeepAlive.Addresses;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>Checks ports as people write them: numbers, ranges, names of services.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PortTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        if (Wrapping.Unwrap(inputData) is not { } input)
        {
            return null;
        }

        List<string> ports = [];
        foreach (object? item in LanguagePrimitives.GetEnumerable(input) ?? new[] { input })
        {
            string text = $"{item}";
            try
            {
                _ = ServiceNames.ParsePorts(text);
            }
            catch (FormatException error)
            {
                throw new ArgumentTransformationMetadataException(error.Message, error);
            }

            ports.Add(text);
        }

        return ports.ToArray();
    }
}
