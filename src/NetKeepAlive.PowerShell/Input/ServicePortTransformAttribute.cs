using System;
using System.Globalization;
using System.Management.Automation;
using NetKeepAlive.Addresses;
using NetKeepAlive.Interop;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>Turns the names of services (/etc/services) into port numbers.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ServicePortTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        Wrapping.Unwrap(inputData) is not string text ? inputData
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number
        : Read(text);

    /// <summary>The port that a text means.</summary>
    /// <exception cref="ArgumentTransformationMetadataException">It is neither a port nor the name of a TCP
    /// service.</exception>
    internal static int Read(string text) => ServiceNames.FindPort(text.Trim()) is { } port
        ? port
        : throw new ArgumentTransformationMetadataException(
            $"'{VisibleText.Brief(text)}' is not a port: name a number from 1 to 65535, or a TCP service of /etc/services, "
            + "as in 'https'.");
}
