using System;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop.Netlink;

/// <summary>Walks the attributes that follow a netlink message's fixed part; see <see cref="NetlinkReader"/>.</summary>
internal ref struct AttributeReader(ReadOnlySpan<byte> attributes)
{
    private ReadOnlySpan<byte> _rest = attributes;

    /// <summary>Did the walk stop at something that is no attribute?</summary>
    internal bool IsMalformed { get; private set; }

    /// <summary>Takes the next attribute.</summary>
    /// <returns>False at the end, and at what is malformed.</returns>
    internal bool TryRead(out ushort type, out ReadOnlySpan<byte> value)
    {
        type = 0;
        value = default;
        if (_rest.IsEmpty || IsMalformed)
        {
            return false;
        }

        int length = _rest.Length < NetlinkAbi.AttributeHeaderSize ? 0 : MemoryMarshal.Read<ushort>(_rest);
        if (length < NetlinkAbi.AttributeHeaderSize || length > _rest.Length)
        {
            IsMalformed = true;
            return false;
        }

        type = (ushort)(MemoryMarshal.Read<ushort>(_rest[2..]) & NetlinkAbi.AttributeTypeMask);
        value = _rest[NetlinkAbi.AttributeHeaderSize..length];
        _rest = _rest[Math.Min(NetlinkAbi.Align(length), _rest.Length)..];
        return true;
    }
}
