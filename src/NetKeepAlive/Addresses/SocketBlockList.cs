using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using NetKeepAlive.Addresses;

namespace NetKeepAlive;

/// <summary>
/// Addresses that are not to be talked to: single ones, ranges and subnets of IPv4 and IPv6. A check takes logarithmic
/// time, over a million rules as well. An IPv4-mapped IPv6 address (<c>::ffff:10.0.0.1</c>) is the IPv4 address that it
/// holds, in rules and in checks; other than that the two families are apart, and <c>::/0</c> blocks no IPv4 address.
/// May be used and changed from several threads at once.
/// </summary>
public sealed partial class SocketBlockList
{
    private readonly IntervalSet<uint> _version4 = new();
    private readonly IntervalSet<UInt128> _version6 = new();
    private readonly List<Rule> _rules = [];

    /// <summary>How many rules were added.</summary>
    public int Count
    {
        get
        {
            lock (_rules)
            {
                return _rules.Count;
            }
        }
    }

    /// <summary>The rules in the order they were added, as they are written: <c>10.0.0.1</c>, <c>10.0.0.1-10.0.0.9</c>,
    /// <c>10.0.0.0/8</c>.</summary>
    public IReadOnlyList<string> Rules
    {
        get
        {
            lock (_rules)
            {
                return new TextList<string>(_rules.ConvertAll(static rule => rule.ToString()));
            }
        }
    }

    /// <summary>Blocks one address.</summary>
    public void AddAddress(IPAddress address) => Add([Rule.OfAddress(address)]);

    /// <summary>Blocks all addresses from first to last, both included.</summary>
    /// <exception cref="ArgumentException">They are of two families, or the last comes before the first.</exception>
    public void AddRange(IPAddress first, IPAddress last) => Add([Rule.OfRange(first, last)]);

    /// <summary>Blocks all addresses of a subnet.</summary>
    /// <param name="network">An address of the subnet; what lies beyond its prefix does not matter.</param>
    /// <param name="prefixLength">How many bits are the network's: 0 to 32, for IPv6 0 to 128.</param>
    /// <exception cref="ArgumentOutOfRangeException">The prefix is longer than the address.</exception>
    public void AddSubnet(IPAddress network, int prefixLength) => Add([Rule.OfSubnet(network, prefixLength)]);

    /// <summary>Is an address blocked?</summary>
    public bool Check(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        IPAddress plain = Plain(address);
        return plain.AddressFamily is AddressFamily.InterNetwork
            ? _version4.Contains((uint)Number(plain))
            : _version6.Contains(Number(plain));
    }

    /// <summary>Is the address of an end point blocked? One that has none is not.</summary>
    public bool Check(EndPoint? endPoint) => endPoint is IPEndPoint ip && Check(ip.Address);

    /// <summary>How many rules of how many.</summary>
    public override string ToString() =>
        Count == 1 ? "1 rule" : string.Create(CultureInfo.InvariantCulture, $"{Count} rules");

    /// <summary>Adds many rules at once: far faster than one by one.</summary>
    internal void Add(IReadOnlyCollection<Rule> rules)
    {
        _version4.Add(rules.Where(static it => !it.IsVersion6).Select(static it => ((uint)it.First, (uint)it.Last)));
        _version6.Add(rules.Where(static it => it.IsVersion6).Select(static it => (it.First, it.Last)));
        lock (_rules)
        {
            _rules.AddRange(rules);
        }
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static UInt128 Number(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out int length);
        return length == 4 ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
