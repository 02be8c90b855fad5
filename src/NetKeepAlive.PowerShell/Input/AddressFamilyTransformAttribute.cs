using System;
using System.Management.Automation;
using System.Net.Sockets;
using NetKeepAlive.Interop;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>Takes the families as people write them: <c>4</c>, <c>IPv4</c>, <c>6</c>, <c>IPv6</c>, and .NET's
/// names.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AddressFamilyTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? input = Wrapping.Unwrap(inputData);
        return input?.ToString()?.ToUpperInvariant() switch
        {
            null => null,
            "0" or "UNSPECIFIED" => AddressFamily.Unspecified,
            "4" or "IPV4" or "INET" or "INTERNETWORK" => AddressFamily.InterNetwork,
            "6" or "IPV6" or "INET6" or "INTERNETWORKV6" => AddressFamily.InterNetworkV6,
            _ => throw new ArgumentTransformationMetadataException(
                $"'{VisibleText.Brief($"{input}")}' is no family of addresses. The accepted ones are IPv4 (InterNetwork) "
                + "and IPv6 (InterNetworkV6)."),
        };
    }
}
