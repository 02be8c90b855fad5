using System;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop.Netlink;

/// <summary>One message of a netlink datagram.</summary>
internal readonly ref struct NetlinkMessage(ushort type, ushort flags, uint sequence, ReadOnlySpan<byte> payload)
{
    internal readonly ushort Type = type;
    internal readonly ushort Flags = flags;
    internal readonly uint Sequence = sequence;
    internal readonly ReadOnlySpan<byte> Payload = payload;
}

/// <summary>
/// Walks the messages of a netlink datagram. What it is given is not trusted: a length that is too short or goes past
/// the end stops the walk and is told by <see cref="IsMalformed"/>. Every read goes through a span, so none can leave
/// the datagram.
/// </summary>
internal ref struct NetlinkReader(ReadOnlySpan<byte> datagram)
{
    private ReadOnlySpan<byte> _rest = datagram;

    /// <summary>Did the walk stop at something that is no message?</summary>
    internal bool IsMalformed { get; private set; }

    /// <summary>Takes the next message.</summary>
    /// <returns>False at the end of the datagram, and at what is malformed.</returns>
    internal bool TryRead(out NetlinkMessage message)
    {
        message = default;
        if (_rest.IsEmpty || IsMalformed)
        {
            return false;
        }

        uint length = _rest.Length < NetlinkAbi.HeaderSize ? 0 : MemoryMarshal.Read<uint>(_rest);
        if (length < NetlinkAbi.HeaderSize || length > (uint)_rest.Length)
        {
            IsMalformed = true;
            return false;
        }

        message = new NetlinkMessage(
            MemoryMarshal.Read<ushort>(_rest[NetlinkAbi.HeaderType..]),
            MemoryMarshal.Read<ushort>(_rest[NetlinkAbi.HeaderFlags..]),
            MemoryMarshal.Read<uint>(_rest[NetlinkAbi.HeaderSequence..]),
            _rest[NetlinkAbi.HeaderSize..(int)length]);
        _rest = _rest[Math.Min(NetlinkAbi.Align((int)length), _rest.Length)..];
        return true;
    }
}
