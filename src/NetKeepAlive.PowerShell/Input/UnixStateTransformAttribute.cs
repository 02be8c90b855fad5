using System;
using System.Collections.Generic;
using System.Management.Automation;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>Reads states of Unix sockets, also in the words of ss and netstat.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class UnixStateTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        if (Wrapping.Unwrap(inputData) is not { } input)
        {
            return null;
        }

        List<object> states = [];
        foreach (object? item in LanguagePrimitives.GetEnumerable(input) ?? new[] { input })
        {
            string word = $"{item}";
            states.Add(word.ToUpperInvariant() switch
            {
                "ESTAB" or "CONNECTED" => UnixSocketState.Established,
                "LISTENING" => UnixSocketState.Listen,
                "UNCONN" or "CLOSED" => UnixSocketState.Unconnected,
                _ => word,
            });
        }

        return states.ToArray();
    }
}
