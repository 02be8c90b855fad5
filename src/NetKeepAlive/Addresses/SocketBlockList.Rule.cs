using System;
using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using NetKeepAlive.Interop;

namespace NetKeepAlive;

/// <content>What a rule is, and how people write it.</content>
public sealed partial class SocketBlockList
{
    /// <summary>One rule: the addresses it covers, and how it was written.</summary>
    internal readonly record struct Rule
    {
        // How the rule was written: an address, a range, or a subnet by its prefix length.
        private const int WasAddress = -1;
        private const int WasRange = -2;

        private readonly int _written;

        private Rule(bool isVersion6, UInt128 first, UInt128 last, int written)
        {
            IsVersion6 = isVersion6;
            First = first;
            Last = last;
            _written = written;
        }

        internal bool IsVersion6 { get; }

        internal UInt128 First { get; }

        internal UInt128 Last { get; }

        internal static Rule OfAddress(IPAddress address)
        {
            ArgumentNullException.ThrowIfNull(address);
            IPAddress plain = Plain(address);
            return new Rule(IsSix(plain), Number(plain), Number(plain), WasAddress);
        }

        internal static Rule OfRange(IPAddress first, IPAddress last)
        {
            ArgumentNullException.ThrowIfNull(first);
            ArgumentNullException.ThrowIfNull(last);
            IPAddress from = Plain(first);
            IPAddress to = Plain(last);
            if (from.AddressFamily != to.AddressFamily)
            {
                throw new ArgumentException($"{first} and {last} are of two families: a range lies in one.");
            }

            return Number(from) <= Number(to)
                ? new Rule(IsSix(from), Number(from), Number(to), WasRange)
                : throw new ArgumentException(
                    $"The range {first}-{last} is reversed: its first address comes after its last.");
        }

        internal static Rule OfSubnet(IPAddress network, int prefixLength)
        {
            ArgumentNullException.ThrowIfNull(network);
            bool isSix = IsSix(network);
            int bits = isSix ? 128 : 32;
            if (prefixLength < 0 || prefixLength > bits)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(prefixLength),
                    $"{network}/{prefixLength} is no subnet: the accepted prefix lengths are 0 to {bits}.");
            }

            if (network.IsIPv4MappedToIPv6 && prefixLength >= 96)
            {
                return OfSubnet(network.MapToIPv4(), prefixLength - 96);
            }

            // A shift by the whole width would be no shift at all.
            UInt128 all = isSix ? UInt128.MaxValue : uint.MaxValue;
            UInt128 hosts = prefixLength == bits ? UInt128.Zero : all >> prefixLength;
            UInt128 number = Number(network);
            return new Rule(isSix, number & ~hosts, number | hosts, prefixLength);
        }

        /// <summary>Reads <c>first-last</c>.</summary>
        /// <exception cref="ArgumentException">It is no range.</exception>
        internal static Rule ParseRange(string text)
        {
            ArgumentNullException.ThrowIfNull(text);
            int dash = text.IndexOf('-', StringComparison.Ordinal);
            return dash > 0
                && IPLiteral.TryParse(text[..dash].Trim(), out IPAddress first)
                && IPLiteral.TryParse(text[(dash + 1)..].Trim(), out IPAddress last)
                ? OfRange(first, last)
                : throw new ArgumentException(
                    $"'{VisibleText.Brief(text)}' is no range of addresses. Write its first and last one, as in "
                    + "'10.0.0.1-10.0.0.9'.");
        }

        /// <summary>Reads <c>network/prefix</c>.</summary>
        /// <exception cref="ArgumentException">It is no subnet.</exception>
        internal static Rule ParseSubnet(string text)
        {
            ArgumentNullException.ThrowIfNull(text);
            int slash = text.IndexOf('/', StringComparison.Ordinal);
            return slash > 0
                && IPLiteral.TryParse(text[..slash].Trim(), out IPAddress network)
                && int.TryParse(
                    text.AsSpan(slash + 1).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int prefix)
                ? OfSubnet(network, prefix)
                : throw new ArgumentException(
                    $"'{VisibleText.Brief(text)}' is no subnet. Write a network and the length of its prefix, as in "
                    + "'10.0.0.0/8'.");
        }

        /// <summary>The rule as it is written.</summary>
        public override string ToString() => _written switch
        {
            WasAddress => $"{Address(First)}",
            WasRange => $"{Address(First)}-{Address(Last)}",
            _ => $"{Address(First)}/{_written}",
        };

        private static bool IsSix(IPAddress address) => address.AddressFamily is AddressFamily.InterNetworkV6;

        private IPAddress Address(UInt128 number)
        {
            Span<byte> bytes = stackalloc byte[16];
            BinaryPrimitives.WriteUInt128BigEndian(bytes, number);
            return new IPAddress(IsVersion6 ? bytes : bytes[12..]);
        }
    }
}
