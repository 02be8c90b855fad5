using System;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop.Netlink;

/// <summary>One row of a sock_diag answer about Unix sockets: <c>struct unix_diag_msg</c> and its attributes.</summary>
internal readonly struct UnixRecord : IDiagRecord<UnixRecord>
{
    internal byte Type { get; private init; }

    internal byte State { get; private init; }

    internal uint Inode { get; private init; }

    internal ulong Cookie { get; private init; }

    /// <summary>What follows the family in its <c>sockaddr_un</c>; null for a socket without a name.</summary>
    internal byte[]? Name { get; private init; }

    /// <summary>The inode of the socket that it is connected to; 0 where there is none.</summary>
    internal uint Peer { get; private init; }

    /// <summary>Of a listener: the inodes of the clients that wait to be accepted.</summary>
    internal uint[]? Connecting { get; private init; }

    internal uint? ReceiveQueue { get; private init; }

    internal uint? SendQueue { get; private init; }

    /// <summary>The number of the user who made it; null where the kernel does not say.</summary>
    internal uint? User { get; private init; }

    /// <inheritdoc/>
    public static bool TryRead(ReadOnlySpan<byte> payload, out UnixRecord record)
    {
        record = default;
        if (payload.Length < NetlinkAbi.UnixRecordSize || payload[0] != Abi.Current.AfUnix)
        {
            return false;
        }

        byte[]? name = null;
        uint peer = 0;
        uint[]? connecting = null;
        uint? received = null;
        uint? sent = null;
        uint? user = null;
        AttributeReader attributes = new(payload[NetlinkAbi.UnixRecordSize..]);
        while (attributes.TryRead(out ushort type, out ReadOnlySpan<byte> value))
        {
            switch (type)
            {
                case NetlinkAbi.UnixName:
                    name = value.ToArray();
                    break;

                case NetlinkAbi.UnixPeer when value.Length >= sizeof(uint):
                    peer = MemoryMarshal.Read<uint>(value);
                    break;

                case NetlinkAbi.UnixConnecting:
                    connecting = MemoryMarshal.Cast<byte, uint>(value).ToArray();
                    break;

                case NetlinkAbi.UnixQueues when value.Length >= 2 * sizeof(uint):
                    received = MemoryMarshal.Read<uint>(value);
                    sent = MemoryMarshal.Read<uint>(value[sizeof(uint)..]);
                    break;

                case NetlinkAbi.UnixUser when value.Length >= sizeof(uint):
                    user = MemoryMarshal.Read<uint>(value);
                    break;
            }
        }

        record = new UnixRecord
        {
            Type = payload[NetlinkAbi.UnixRecordType],
            State = payload[NetlinkAbi.UnixRecordState],
            Inode = MemoryMarshal.Read<uint>(payload[NetlinkAbi.UnixRecordInode..]),
            Cookie = MemoryMarshal.Read<ulong>(payload[NetlinkAbi.UnixRecordCookie..]),
            Name = name,
            Peer = peer,
            Connecting = connecting,
            ReceiveQueue = received,
            SendQueue = sent,
            User = user,
        };
        return !attributes.IsMalformed;
    }
}
