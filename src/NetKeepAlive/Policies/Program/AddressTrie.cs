using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using NetKeepAlive.Addresses;
using NetKeepAlive.Interop.Bpf;

namespace NetKeepAlive.Policies;

/// <summary>
/// Addresses in a map of longest prefixes (<c>BPF_MAP_TYPE_LPM_TRIE</c>): a key is a length in bits and 16 bytes, its
/// value 1 where it is covered. IPv4 lies below <c>::ffff:0:0/96</c>; so that a wide network of IPv6, such as ::/0, does
/// not cover it by chance, it has a prefix of its own then, with the value 0.
/// </summary>
internal static class AddressTrie
{
    /// <summary>The most addresses and networks that a policy takes.</summary>
    internal const int MostPrefixes = 4096;

    internal const int AddressBits = AddressPrefix.Bits;

    private const int KeySize = sizeof(int) + (AddressBits / 8);
    private const int Covered = 1;
    private const int NotCovered = 0;

    /// <summary>Makes the map of prefixes.</summary>
    internal static SafeFileHandle Create(string name, IReadOnlyList<AddressPrefix> prefixes)
    {
        SafeFileHandle map = BpfMap.Create(
            name, BpfMapType.LpmTrie, KeySize, sizeof(int), prefixes.Count + 1, BpfAbi.NoPrealloc);
        if (prefixes.Any(IsWide))
        {
            Write(map, AddressPrefix.IPv4, NotCovered);
        }

        foreach (AddressPrefix prefix in prefixes)
        {
            Write(map, prefix, Covered);
        }

        return map;
    }

    /// <summary>What the map answers, of prefixes that are not in one; all addresses where there is none.</summary>
    internal static bool Covers(IReadOnlyList<AddressPrefix> prefixes, AddressPrefix address) =>
        prefixes.Count == 0 || prefixes.Any(it => it.Contains(address)
            && !(IsWide(it) && AddressPrefix.IPv4.Contains(address)));

    /// <summary>The prefixes of a map.</summary>
    internal static IReadOnlyList<AddressPrefix> Read(SafeFileHandle map)
    {
        List<AddressPrefix> prefixes = [];
        byte[] value = new byte[sizeof(int)];
        foreach (byte[] key in BpfMap.Keys(map, KeySize))
        {
            if (BpfMap.TryRead(map, key, value) && MemoryMarshal.Read<int>(value) == Covered)
            {
                prefixes.Add(new AddressPrefix(key.AsSpan(sizeof(int)), MemoryMarshal.Read<int>(key)));
            }
        }

        return prefixes;
    }

    private static bool IsWide(AddressPrefix prefix) =>
        prefix.Length < AddressPrefix.IPv4.Length && prefix.Contains(AddressPrefix.IPv4);

    private static void Write(SafeFileHandle map, AddressPrefix prefix, int covered)
    {
        Span<byte> key = stackalloc byte[KeySize];
        MemoryMarshal.Write(key, prefix.Length);
        prefix.Address.CopyTo(key[sizeof(int)..]);
        Span<byte> value = stackalloc byte[sizeof(int)];
        MemoryMarshal.Write(value, covered);
        BpfMap.Write(map, key, value);
    }
}
