using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop.Netlink;

/// <summary>One row of a sock_diag answer: <c>struct inet_diag_msg</c> and the attributes that were asked for.</summary>
internal sealed class DiagRecord
{
    private DiagRecord()
    {
    }

    internal required bool IsIPv6 { get; init; }
    internal required byte State { get; init; }
    internal required byte Timer { get; init; }
    internal required byte Retransmits { get; init; }
    internal required SocketIdentity Identity { get; init; }
    internal required uint Expires { get; init; }
    internal required uint ReceiveQueue { get; init; }
    internal required uint SendQueue { get; init; }
    internal required uint User { get; init; }
    internal required uint Inode { get; init; }

    /// <summary><c>struct tcp_info</c> as long as this kernel has it; empty where it gave none.</summary>
    internal required byte[] Info { get; init; }

    /// <summary>Reads a message's payload.</summary>
    /// <returns>False where it is too short, of another family, or its attributes are malformed.</returns>
    internal static bool TryRead(ReadOnlySpan<byte> payload, [NotNullWhen(true)] out DiagRecord? record)
    {
        record = null;
        if (payload.Length < NetlinkAbi.RecordSize)
        {
            return false;
        }

        int family = payload[NetlinkAbi.RecordFamily];
        bool isIPv6 = family == Abi.Current.AfInet6;
        if (!isIPv6 && family != Abi.Current.AfInet)
        {
            return false;
        }

        byte[] info = [];
        AttributeReader attributes = new(payload[NetlinkAbi.RecordSize..]);
        while (attributes.TryRead(out ushort type, out ReadOnlySpan<byte> value))
        {
            if (type == NetlinkAbi.ExtensionInfo)
            {
                info = value.ToArray();
            }
        }

        if (attributes.IsMalformed)
        {
            return false;
        }

        record = new DiagRecord
        {
            IsIPv6 = isIPv6,
            State = payload[NetlinkAbi.RecordState],
            Timer = payload[NetlinkAbi.RecordTimer],
            Retransmits = payload[NetlinkAbi.RecordRetransmits],
            Identity = SocketIdentity.Read(payload[NetlinkAbi.RecordId..]),
            Expires = MemoryMarshal.Read<uint>(payload[NetlinkAbi.RecordExpires..]),
            ReceiveQueue = MemoryMarshal.Read<uint>(payload[NetlinkAbi.RecordReceiveQueue..]),
            SendQueue = MemoryMarshal.Read<uint>(payload[NetlinkAbi.RecordSendQueue..]),
            User = MemoryMarshal.Read<uint>(payload[NetlinkAbi.RecordUser..]),
            Inode = MemoryMarshal.Read<uint>(payload[NetlinkAbi.RecordInode..]),
            Info = info,
        };
        return true;
    }
}
