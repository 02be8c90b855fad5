using System;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using NetKeepAlive.Interop;

namespace NetKeepAlive.Addresses;

/// <summary>An address or a network of either family, in the bits of IPv6: one of IPv4 is below
/// <c>::ffff:0:0/96</c>.</summary>
internal sealed class AddressPrefix : IEquatable<AddressPrefix>
{
    /// <summary>How many bits an address has.</summary>
    internal const int Bits = 128;

    private const int MappedBits = 96;

    private readonly byte[] _bytes;

    /// <summary>The network of an address.</summary>
    /// <param name="address">Its 16 bytes.</param>
    /// <param name="length">How many of its bits count; the others become 0.</param>
    internal AddressPrefix(ReadOnlySpan<byte> address, int length)
    {
        _bytes = address.ToArray();
        Length = length;
        for (int bit = length; bit < Bits; bit++)
        {
            _bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }
    }

    /// <summary>All of IPv4.</summary>
    internal static AddressPrefix IPv4 { get; } = new(IPAddress.Any.MapToIPv6().GetAddressBytes(), MappedBits);

    /// <summary>How many bits count.</summary>
    internal int Length { get; }

    /// <summary>The address, 16 bytes.</summary>
    internal ReadOnlySpan<byte> Address => _bytes;

    /// <summary>Reads an address (<c>10.0.0.1</c>) or a network (<c>10.0.0.0/8</c>, <c>2001:db8::/32</c>).</summary>
    /// <exception cref="FormatException">It is neither.</exception>
    internal static AddressPrefix Parse(string text)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        string literal = slash < 0 ? text : text[..slash];
        if (literal.Contains('%', StringComparison.Ordinal) || !IPLiteral.TryParse(literal, out IPAddress address))
        {
            throw new FormatException(
                $"'{VisibleText.Brief(text)}' is neither an address (10.0.0.1, ::1) nor a network (10.0.0.0/8, "
                + "2001:db8::/32); zones are not matched.");
        }

        bool isIPv4 = address.AddressFamily is AddressFamily.InterNetwork;
        int bits = isIPv4 ? Bits - MappedBits : Bits;
        int length = bits;
        if (slash >= 0
            && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length)
                || length > bits))
        {
            throw new FormatException($"'{VisibleText.Brief(text)}': the accepted prefix length is 0 to {bits}.");
        }

        return new AddressPrefix(address.MapToIPv6().GetAddressBytes(), isIPv4 ? length + MappedBits : length);
    }

    /// <summary>Are all addresses of the other in this one, too?</summary>
    internal bool Contains(AddressPrefix other) =>
        Length <= other.Length && new AddressPrefix(other._bytes, Length).Equals(this);

    /// <summary>Same network?</summary>
    public bool Equals(AddressPrefix? other) =>
        other is not null && Length == other.Length && _bytes.AsSpan().SequenceEqual(other._bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as AddressPrefix);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(_bytes);
        hash.Add(Length);
        return hash.ToHashCode();
    }

    /// <summary>As it is written: a whole address without its length.</summary>
    public override string ToString()
    {
        IPAddress address = new(_bytes);
        bool isIPv4 = Length >= MappedBits && address.IsIPv4MappedToIPv6;
        string text = (isIPv4 ? address.MapToIPv4() : address).ToString();
        return Length == Bits
            ? text
            : string.Create(CultureInfo.InvariantCulture, $"{text}/{(isIPv4 ? Length - MappedBits : Length)}");
    }
}
