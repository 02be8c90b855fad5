using System;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop.Netlink;

/// <summary>One row of a sock_diag answer: <c>struct inet_diag_msg</c>, and <c>struct tcp_info</c> where the kernel
/// gave it. It is a copy of the kernel's bytes; each field is read when somebody asks, as most are not asked
/// for.</summary>
internal readonly struct DiagRecord
{
    // The fixed part, then tcp_info.
    private readonly byte[] _bytes;

    private DiagRecord(byte[] bytes) => _bytes = bytes;

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

    /// <summary><c>struct tcp_info</c> as long as this kernel has it; empty where it gave none.</summary>
    internal ReadOnlyMemory<byte> Info => _bytes.AsMemory(NetlinkAbi.RecordSize);

    /// <summary>Reads a message's payload.</summary>
    /// <returns>False where it is too short, of another family, or its attributes are malformed.</returns>
    internal static bool TryRead(ReadOnlySpan<byte> payload, out DiagRecord record)
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
        AttributeReader attributes = new(payload[NetlinkAbi.RecordSize..]);
        while (attributes.TryRead(out ushort type, out ReadOnlySpan<byte> value))
        {
            if (type == NetlinkAbi.ExtensionInfo)
            {
                info = value;
            }
        }

        if (attributes.IsMalformed)
        {
            return false;
        }

        record = new DiagRecord([.. payload[..NetlinkAbi.RecordSize], .. info]);
        return true;
    }

    private uint UInt32(int offset) => MemoryMarshal.Read<uint>(_bytes.AsSpan(offset));
}
