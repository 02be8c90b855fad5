using System;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop.Netlink;

/// <summary>One row of a sock_diag answer about TCP or UDP: <c>struct inet_diag_msg</c>, and what the kernel says of the
/// socket: <c>struct tcp_info</c> of TCP, its memory and its drops of UDP. It is a copy of the kernel's bytes; each
/// field is read when somebody asks, as most are not asked for.</summary>
internal readonly struct DiagRecord : IDiagRecord<DiagRecord>
{
    // The fixed part, then what the kernel says.
    private readonly byte[] _bytes;

    private DiagRecord(byte[] bytes, bool isMultipath)
    {
        _bytes = bytes;
        IsMultipath = isMultipath;
    }

    /// <summary>Is it a subflow of a Multipath TCP socket (RFC 8684)?</summary>
    internal bool IsMultipath { get; }

    /// <summary>Is nothing known of the socket but its addresses and its state?</summary>
    internal bool IsPartial { get; private init; }

    internal bool IsIPv6 => _bytes[NetlinkAbi.RecordFamily] == Abi.Current.AfInet6;

    internal byte State => _bytes[NetlinkAbi.RecordState];

    internal byte Timer => _bytes[NetlinkAbi.RecordTimer];

    internal byte Retransmits => _bytes[NetlinkAbi.RecordRetransmits];

    internal SocketIdentity Identity => SocketIdentity.Read(_bytes.AsSpan(NetlinkAbi.RecordId));

    internal ulong Cookie => MemoryMarshal.Read<ulong>(_bytes.AsSpan(NetlinkAbi.RecordId + NetlinkAbi.IdCookie));

    internal uint Expires => UInt32(NetlinkAbi.RecordExpires);

    internal uint ReceiveQueue => UInt32(NetlinkAbi.RecordReceiveQueue);

    internal uint SendQueue => UInt32(NetlinkAbi.RecordSendQueue);

    internal uint User => UInt32(NetlinkAbi.RecordUser);

    internal uint Inode => UInt32(NetlinkAbi.RecordInode);

    /// <summary>How many datagrams a UDP socket had no room for; null where the kernel does not say.</summary>
    internal uint? Drops => Info.Length >= NetlinkAbi.MemoryDrops + sizeof(uint)
        ? UInt32(NetlinkAbi.RecordSize + NetlinkAbi.MemoryDrops)
        : null;

    /// <summary><c>struct tcp_info</c> as long as this kernel has it; empty where it gave none.</summary>
    internal ReadOnlyMemory<byte> Info => _bytes.AsMemory(NetlinkAbi.RecordSize);

    /// <summary>The row of a socket that has ended: its ends as they were, for the kernel forgets those of a connection that
    /// this side reset, and what it said at last.</summary>
    internal DiagRecord Ended(DiagRecord last)
    {
        byte[] bytes = [.. _bytes[..NetlinkAbi.RecordSize], .. last.Known().Info.Span];
        bytes[NetlinkAbi.RecordState] = NetlinkAbi.StateClose;
        bytes.AsSpan(NetlinkAbi.RecordTimer, 2).Clear();
        bytes.AsSpan(NetlinkAbi.RecordExpires, 3 * sizeof(uint)).Clear();
        return new DiagRecord(bytes, IsMultipath);
    }

    /// <summary>What is still known of a socket that has ended: the account of a connection that its own side has reset is
    /// forgotten, as is its peer's port.</summary>
    internal DiagRecord Known() => Identity.DestinationPort == 0 ? WithoutInfo() : this;

    /// <summary>The fixed part alone.</summary>
    internal DiagRecord WithoutInfo() => new(_bytes[..NetlinkAbi.RecordSize], IsMultipath);

    /// <summary>A row of which nothing is known but this: as .NET lists it where there is no sock_diag. Its cookie is made
    /// of the addresses, so that the same connection has the same one in the next listing.</summary>
    internal static DiagRecord Of(System.Net.IPEndPoint local, System.Net.IPEndPoint? remote, byte state)
    {
        bool isIPv6 = local.AddressFamily is System.Net.Sockets.AddressFamily.InterNetworkV6;
        byte[] bytes = new byte[NetlinkAbi.RecordSize];
        bytes[NetlinkAbi.RecordFamily] = (byte)(isIPv6 ? Abi.Current.AfInet6 : Abi.Current.AfInet);
        bytes[NetlinkAbi.RecordState] = state;
        Span<byte> identity = bytes.AsSpan(NetlinkAbi.RecordId, NetlinkAbi.IdSize);
        SocketIdentity.Of(local, remote, cookie: 0).Write(identity);
        ulong cookie = 14695981039346656037; // FNV-1a
        foreach (byte part in identity)
        {
            cookie = (cookie ^ part) * 1099511628211;
        }

        MemoryMarshal.Write(identity[NetlinkAbi.IdCookie..], cookie);
        return new DiagRecord(bytes, isMultipath: false) { IsPartial = true };
    }

    /// <summary>Reads a message's payload.</summary>
    /// <returns>False where it is too short, of another family, or its attributes are malformed.</returns>
    public static bool TryRead(ReadOnlySpan<byte> payload, out DiagRecord record)
    {
        record = default;
        if (payload.Length < NetlinkAbi.RecordSize)
        {
            return false;
        }

        int family = payload[NetlinkAbi.RecordFamily];
        if (family != Abi.Current.AfInet6 && family != Abi.Current.AfInet)
        {
            return false;
        }

        ReadOnlySpan<byte> info = default;
        bool isMultipath = false;
        AttributeReader attributes = new(payload[NetlinkAbi.RecordSize..]);
        while (attributes.TryRead(out ushort type, out ReadOnlySpan<byte> value))
        {
            switch (type)
            {
                case NetlinkAbi.ExtensionInfo or NetlinkAbi.ExtensionMemory:
                    info = value;
                    break;

                case NetlinkAbi.ExtensionUpperLayer:
                    isMultipath = UpperLayer(value).StartsWith("mptcp"u8);
                    break;
            }
        }

        if (attributes.IsMalformed)
        {
            return false;
        }

        record = new DiagRecord([.. payload[..NetlinkAbi.RecordSize], .. info], isMultipath);
        return true;
    }

    // The name of what runs on top of the socket: "tls", "mptcp".
    private static ReadOnlySpan<byte> UpperLayer(ReadOnlySpan<byte> nested)
    {
        AttributeReader attributes = new(nested);
        while (attributes.TryRead(out ushort type, out ReadOnlySpan<byte> value))
        {
            if (type == NetlinkAbi.UpperLayerName)
            {
                return value;
            }
        }

        return default;
    }

    private uint UInt32(int offset) => MemoryMarshal.Read<uint>(_bytes.AsSpan(offset));
}
