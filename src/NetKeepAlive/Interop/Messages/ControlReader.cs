using System;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

/// <summary>Reads the control messages (cmsg(3)) in a buffer, one after the other, by a platform's layout. A length
/// that does not fit ends the reading.</summary>
internal ref struct ControlReader
{
    private readonly ReadOnlySpan<byte> _control;
    private readonly CmsgLayout _layout;
    private int _next;

    internal ControlReader(ReadOnlySpan<byte> control, CmsgLayout layout)
    {
        _control = control;
        _layout = layout;
    }

    /// <summary>The level of the message: <c>SOL_SOCKET</c>.</summary>
    internal int Level { get; private set; }

    /// <summary>Its type: <c>SCM_RIGHTS</c>.</summary>
    internal int Type { get; private set; }

    /// <summary>Its data.</summary>
    internal ReadOnlySpan<byte> Data { get; private set; }

    /// <summary>Goes to the next message.</summary>
    internal bool MoveNext()
    {
        if (_next + _layout.Header > _control.Length)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = _control[_next..];
        long length = _layout.LengthSize == 8 ? MemoryMarshal.Read<long>(rest) : MemoryMarshal.Read<uint>(rest);
        if (length < _layout.Header || length > rest.Length)
        {
            return false;
        }

        Level = MemoryMarshal.Read<int>(rest[_layout.Level..]);
        Type = MemoryMarshal.Read<int>(rest[_layout.Type..]);
        Data = rest[_layout.Header..(int)length];
        _next += _layout.Align((int)length);
        return true;
    }
}
