using System;
using System.Globalization;
using System.IO.Enumeration;
using System.Net;
using System.Net.Sockets;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Netlink;

namespace NetKeepAlive.Addresses;

/// <summary>Addresses to look for: one (<c>10.0.0.1</c>, <c>::1</c>, <c>fe80::1%2</c>), a network (<c>10.0.0.0/8</c>), or
/// what their text looks like (<c>10.0.*</c>). One of IPv4 also stands for the same address mapped into IPv6.</summary>
internal sealed class AddressPattern
{
    private readonly byte[] _bytes = [];
    private readonly int _prefixLength;
    private readonly long _scope;
    private readonly string _text;

    private AddressPattern(string wildcard) => _text = wildcard;

    private AddressPattern(string text, IPAddress address, int prefixLength)
    {
        _text = text;
        _bytes = address.GetAddressBytes();
        _prefixLength = prefixLength;
        _scope = address.AddressFamily is AddressFamily.InterNetworkV6 ? address.ScopeId : 0;
    }

    /// <summary>Reads a pattern.</summary>
    /// <exception cref="FormatException">It is neither an address nor a network.</exception>
    internal static AddressPattern Parse(string text)
    {
        if (text.AsSpan().ContainsAny('*', '?'))
        {
            return new AddressPattern(text);
        }

        int slash = text.IndexOf('/', StringComparison.Ordinal);
        string literal = slash < 0 ? text : text[..slash];
        if (!IPLiteral.TryParse(literal, out IPAddress address))
        {
            throw new FormatException(
                $"'{VisibleText.Brief(text)}' is neither an address (10.0.0.1, ::1), nor a network (10.0.0.0/8, "
                + "2001:db8::/32), nor a name that a host could have.");
        }

        int zone = literal.IndexOf('%', StringComparison.Ordinal);
        if (zone >= 0 && address.ScopeId == 0 && literal[(zone + 1)..] is not "0")
        {
            throw new FormatException(
                $"'{VisibleText.Brief(text)}': there is no interface '{VisibleText.Brief(literal[(zone + 1)..])}' here.");
        }

        int bits = address.GetAddressBytes().Length * 8;
        int prefixLength = bits;
        if (slash >= 0
            && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out prefixLength)
                || prefixLength > bits))
        {
            throw new FormatException($"'{VisibleText.Brief(text)}': the accepted prefix length is 0 to {bits}.");
        }

        return new AddressPattern(text, address, prefixLength);
    }

    /// <summary>One address.</summary>
    internal static AddressPattern Of(IPAddress address) =>
        new(address.ToString(), address, address.GetAddressBytes().Length * 8);

    /// <summary>Is it a pattern of the text, which the kernel cannot look for?</summary>
    internal bool IsWildcard => _bytes.Length == 0;

    /// <summary>The pattern for the kernel's filter. The scope is not in it.</summary>
    internal DiagCondition ToCondition(bool source) => new(source, _bytes, _prefixLength, null);

    /// <summary>Could an address of this family meet the pattern?</summary>
    internal bool CanMatch(bool isIPv6) => isIPv6 || _bytes.Length == 4 || IsWildcard;

    /// <summary>Does the address meet the pattern?</summary>
    internal bool Matches(in SocketIdentity identity, bool source, bool isIPv6)
    {
        if (IsWildcard)
        {
            return IsLike(SocketIdentity.ToIPAddress(identity, source, isIPv6));
        }

        ReadOnlySpan<byte> address = SocketIdentity.Address(identity, source, isIPv6);
        if (address.Length != _bytes.Length)
        {
            ReadOnlySpan<byte> mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];
            if (!isIPv6 || !address.StartsWith(mapped))
            {
                return false;
            }

            address = address[mapped.Length..];
        }

        return (_scope == 0 || _scope == identity.Interface) && SamePrefix(address);
    }

    /// <summary>The pattern as it was written.</summary>
    public override string ToString() => _text;

    private bool IsLike(IPAddress address) =>
        FileSystemName.MatchesSimpleExpression(_text, address.ToString())
        || (address.IsIPv4MappedToIPv6
            && FileSystemName.MatchesSimpleExpression(_text, address.MapToIPv4().ToString()));

    private bool SamePrefix(ReadOnlySpan<byte> address)
    {
        int whole = _prefixLength / 8;
        int rest = _prefixLength % 8;
        return address[..whole].SequenceEqual(_bytes.AsSpan(0, whole))
            && (rest == 0 || (byte)((address[whole] ^ _bytes[whole]) >> (8 - rest)) == 0);
    }
}
