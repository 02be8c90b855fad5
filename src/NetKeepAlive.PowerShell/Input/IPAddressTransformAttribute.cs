using System;
using System.Linq;
using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using NetKeepAlive.Interop;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>
/// Turns literals, end points and connections (by their peer) into addresses. .NET's own conversion takes <c>1</c> for
/// 0.0.0.1 and <c>127.000.000.001</c> for octal or decimal as it likes: only what inet_pton(3) reads is an address
/// here.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class IPAddressTransformAttribute : ArgumentTransformationAttribute
{
    /// <summary>May a text be the name of a host, which is resolved later?</summary>
    public bool AllowNames { get; set; }

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? input = Wrapping.Unwrap(inputData);
        return input switch
        {
            null => null,
            string name when AllowNames => name,
            object?[] many => many.Select(it => Wrapping.Unwrap(it) is { } one ? ToAddress(one) : null).ToArray(),
            System.Collections.IList many =>
                many.Cast<object?>().Select(it => Wrapping.Unwrap(it) is { } one ? ToAddress(one) : null).ToArray(),
            _ => ToAddress(input),
        };
    }

    private static IPAddress ToAddress(object input) => input switch
    {
        IPAddress address => address,
        IPEndPoint endPoint => endPoint.Address,
        string text when IPLiteral.TryParse(text.Trim(), out IPAddress address) => address,
        SocketAddress raw when raw.Family is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6 =>
            ((IPEndPoint)new IPEndPoint(
                raw.Family is AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0).Create(raw)).Address,
        not string when Wrapping.Unwrap(PSObject.AsPSObject(input).Properties["RemoteAddress"]?.Value) is { } peer
            && (peer is IPAddress || IPLiteral.VersionOf(peer as string) != 0) => ToAddress(peer),
        _ => throw new ArgumentTransformationMetadataException(
            $"'{VisibleText.Brief($"{input}")}' is not an IP address. Write it in full, as in '127.0.0.1' or 'fe80::1', or "
            + "give an IPAddress or an IPEndPoint."),
    };
}
