using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;
using NetKeepAlive.Addresses;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Bpf;

namespace NetKeepAlive.Policies;

/// <summary>What a policy is called and which connections it is for: all that never changes. Kept in the kernel beside
/// the program, so that every process can list it.</summary>
internal sealed record PolicyRules
{
    /// <summary>The size of the value in its map.</summary>
    internal const int Size = PathOffset + LongestPath + 1;

    internal const int CallbacksOffset = 0;

    private const int LongestName = 63;
    private const int LongestUnit = 255;
    private const int LongestPath = 4095;
    private const int FlagsOffset = 4;
    private const int RootOffset = 8;
    private const int NameOffset = 16;
    private const int UnitOffset = NameOffset + LongestName + 1;
    private const int PathOffset = UnitOffset + LongestUnit + 1;

    private const int OverrideFlag = 1;
    private const int PersistentFlag = 2;

    /// <summary>The policy's name.</summary>
    internal required string Name { get; init; }

    /// <summary>The group's path below the root of cgroup2.</summary>
    internal required string Path { get; init; }

    /// <summary>The number of the root that the path begins at, as whoever made the policy saw it.</summary>
    internal ulong Root { get; init; }

    /// <summary>The unit of systemd whose group it is, where it was named.</summary>
    internal string Unit { get; init; } = string.Empty;

    /// <summary>Connections that were accepted, made, or both.</summary>
    internal ConnectionDirection Direction { get; init; } = ConnectionDirection.Both;

    /// <summary>Also those whose program had turned keep-alive on before?</summary>
    internal bool Override { get; init; }

    /// <summary>Does it last beyond the process that made it?</summary>
    internal bool IsPersistent { get; init; }

    /// <summary>This side's ports; none for all.</summary>
    internal IReadOnlyList<PortRange> LocalPort { get; init; } = [];

    /// <summary>The peers' ports; none for all.</summary>
    internal IReadOnlyList<PortRange> RemotePort { get; init; } = [];

    /// <summary>The peers; none for all.</summary>
    internal IReadOnlyList<AddressPrefix> RemoteAddress { get; init; } = [];

    /// <summary>Is it a name that a policy may have?</summary>
    internal static bool IsName(string text)
    {
        foreach (char letter in text)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && letter is not ('_' or '-' or '@' or '.'))
            {
                return false;
            }
        }

        return text.Length is >= 1 and <= LongestName;
    }

    /// <summary>Can the rules be kept? A policy without a name is given one.</summary>
    /// <exception cref="ArgumentException">They cannot; the message says what is wrong, and the name of its
    /// parameter is that of the property.</exception>
    internal void Check()
    {
        if (Name.Length > 0 && !IsName(Name))
        {
            throw new ArgumentException(
                $"'{VisibleText.Brief(Name)}' cannot be the name of a policy: it has 1 to {LongestName} letters, digits "
                + "and _ - @ . and is no path.",
                nameof(Name));
        }

        if (RemoteAddress.Count > AddressTrie.MostPrefixes)
        {
            throw new ArgumentException(
                $"{RemoteAddress.Count} remote addresses are too many: a policy takes at most {AddressTrie.MostPrefixes} "
                + "addresses and networks. Join them to larger networks.",
                nameof(RemoteAddress));
        }

        if (Encoding.UTF8.GetByteCount(Path) > LongestPath)
        {
            throw new ArgumentException(
                $"The path of the control group is longer than {LongestPath} bytes: {VisibleText.Brief(Path)}");
        }

        if (Encoding.UTF8.GetByteCount(Unit) > LongestUnit)
        {
            throw new ArgumentException(
                $"The name of the unit is longer than {LongestUnit} bytes: {VisibleText.Brief(Unit)}", nameof(Unit));
        }
    }

    /// <summary>Reads the value; ports and addresses have maps of their own.</summary>
    internal static PolicyRules Read(ReadOnlySpan<byte> value)
    {
        int flags = MemoryMarshal.Read<int>(value[FlagsOffset..]);
        int callbacks = MemoryMarshal.Read<int>(value[CallbacksOffset..]);
        return new PolicyRules
        {
            Name = ReadText(value[NameOffset..]),
            Path = ReadText(value[PathOffset..]),
            Unit = ReadText(value[UnitOffset..]),
            Root = MemoryMarshal.Read<ulong>(value[RootOffset..]),
            Direction = callbacks switch
            {
                1 << BpfAbi.ActiveEstablished => ConnectionDirection.Outbound,
                1 << BpfAbi.PassiveEstablished => ConnectionDirection.Inbound,
                _ => ConnectionDirection.Both,
            },
            Override = (flags & OverrideFlag) != 0,
            IsPersistent = (flags & PersistentFlag) != 0,
        };
    }

    /// <summary>Writes the value.</summary>
    internal byte[] ToBytes()
    {
        byte[] value = new byte[Size];
        MemoryMarshal.Write(value.AsSpan(CallbacksOffset), Callbacks(Direction));
        MemoryMarshal.Write(
            value.AsSpan(FlagsOffset), (Override ? OverrideFlag : 0) | (IsPersistent ? PersistentFlag : 0));
        MemoryMarshal.Write(value.AsSpan(RootOffset), Root);
        Encoding.UTF8.GetBytes(Name, value.AsSpan(NameOffset));
        Encoding.UTF8.GetBytes(Unit, value.AsSpan(UnitOffset));
        Encoding.UTF8.GetBytes(Path, value.AsSpan(PathOffset));
        return value;
    }

    // A bit for each callback of the kernel that the program is for.
    private static int Callbacks(ConnectionDirection direction) => direction switch
    {
        ConnectionDirection.Outbound => 1 << BpfAbi.ActiveEstablished,
        ConnectionDirection.Inbound => 1 << BpfAbi.PassiveEstablished,
        _ => 1 << BpfAbi.ActiveEstablished | 1 << BpfAbi.PassiveEstablished,
    };

    private static string ReadText(ReadOnlySpan<byte> bytes) =>
        Encoding.UTF8.GetString(bytes[..bytes.IndexOf((byte)0)]);
}
