using System;
using System.Globalization;
using System.Management.Automation;
using System.Net.Sockets;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>Lets a level of socket options be any number, as setsockopt(2) does: PowerShell takes for an enumeration
/// only the numbers that it names.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SocketLevelTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? input = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return input is int
            || (input is string text && int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out _))
            ? (SocketOptionLevel)Convert.ToInt32(input, CultureInfo.InvariantCulture)
            : inputData;
    }
}
