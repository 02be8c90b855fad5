using System;
using System.Runtime.InteropServices;
using NetKeepAlive.Interop.Netlink;

namespace NetKeepAlive.Tests.Interop.Netlink;

/// <summary>Messages as the kernel sends them.</summary>
internal static class NetlinkMessages
{
    /// <summary>A row of an established IPv4 connection from port 0x1234.</summary>
    internal static byte[] Row(uint sequence, ulong cookie, byte[] info)
    {
        int attribute = info.Length == 0 ? 0 : NetlinkAbi.AttributeHeaderSize + info.Length;
        byte[] payload = new byte[NetlinkAbi.RecordSize + attribute];
        payload[NetlinkAbi.RecordFamily] = 2;
        payload[NetlinkAbi.RecordState] = NetlinkAbi.StateEstablished;
        payload[NetlinkAbi.RecordId] = 0x12;
        payload[NetlinkAbi.RecordId + 1] = 0x34;
        MemoryMarshal.Write(payload.AsSpan(NetlinkAbi.RecordId + NetlinkAbi.IdCookie), cookie);
        MemoryMarshal.Write(payload.AsSpan(NetlinkAbi.RecordInode), 4711u);
        if (attribute > 0)
        {
            Span<byte> bytes = payload.AsSpan(NetlinkAbi.RecordSize);
            MemoryMarshal.Write(bytes, (ushort)attribute);
            MemoryMarshal.Write(bytes[2..], NetlinkAbi.ExtensionInfo);
            info.CopyTo(bytes[NetlinkAbi.AttributeHeaderSize..]);
        }

        return Message(NetlinkAbi.SockDiagByFamily, sequence, payload);
    }

    /// <summary>A message, padded for the next.</summary>
    internal static byte[] Message(ushort type, uint sequence, byte[] payload)
    {
        byte[] message = new byte[NetlinkAbi.Align(NetlinkAbi.HeaderSize + payload.Length)];
        MemoryMarshal.Write(message, (uint)(NetlinkAbi.HeaderSize + payload.Length));
        MemoryMarshal.Write(message.AsSpan(NetlinkAbi.HeaderType), type);
        MemoryMarshal.Write(message.AsSpan(NetlinkAbi.HeaderSequence), sequence);
        payload.CopyTo(message.AsSpan(NetlinkAbi.HeaderSize));
        return message;
    }

    /// <summary>Marks a message as one of a dump under which the table changed.</summary>
    internal static byte[] Interrupted(byte[] message)
    {
        MemoryMarshal.Write(message.AsSpan(NetlinkAbi.HeaderFlags), NetlinkAbi.FlagDumpInterrupted);
        return message;
    }
}
