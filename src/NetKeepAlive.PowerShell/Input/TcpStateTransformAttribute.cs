using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using NetKeepAlive.Tables;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>Reads states of TCP by any of their names: those of Windows, ss, netstat and .NET.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TcpStateTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        if (Wrapping.Unwrap(inputData) is not { } input)
        {
            return null;
        }

        List<TcpConnectionState> states = [];
        foreach (object? item in LanguagePrimitives.GetEnumerable(input) ?? new[] { input })
        {
            try
            {
                states.AddRange(TcpStateWords.Parse($"{item}"));
            }
            catch (FormatException error)
            {
                throw new ArgumentTransformationMetadataException(error.Message, error);
            }
        }

        return states.Distinct().ToArray();
    }
}
