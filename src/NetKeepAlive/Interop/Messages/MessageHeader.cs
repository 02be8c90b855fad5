using System.Runtime.CompilerServices;

namespace NetKeepAlive.Interop;

/// <summary>
/// Fills and reads <c>struct msghdr</c> and <c>struct iovec</c> by a platform's offsets, so that one code path serves
/// all and another platform's layout can be tested here.
/// </summary>
internal static unsafe class MessageHeader
{
    /// <summary>Room for a header and one iovec, on any platform.</summary>
    internal const int RoomFor1 = 64 + IovSize;

    /// <summary>Size of <c>struct iovec</c>: a pointer and a <c>size_t</c>.</summary>
    internal const int IovSize = 16;

    /// <summary>Fills an iovec.</summary>
    internal static void WriteIov(byte* iov, byte* bytes, int length)
    {
        Unsafe.WriteUnaligned(iov, (nint)bytes);
        Unsafe.WriteUnaligned(iov + sizeof(nint), (nint)length);
    }

    /// <summary>Fills a header. Unused parts are null with length 0.</summary>
    internal static void Write(
        byte* header, in MsgHdrLayout layout, byte* name, int nameLength, byte* iov, int iovLength,
        byte* control, int controlLength)
    {
        Unsafe.InitBlockUnaligned(header, 0, (uint)layout.Size);
        Unsafe.WriteUnaligned(header + layout.Name, (nint)name);
        Unsafe.WriteUnaligned(header + layout.NameLength, nameLength);
        Unsafe.WriteUnaligned(header + layout.Iov, (nint)iov);
        WriteLength(header + layout.IovLength, layout.IovLengthSize, iovLength);
        Unsafe.WriteUnaligned(header + layout.Control, (nint)control);
        WriteLength(header + layout.ControlLength, layout.ControlLengthSize, controlLength);
    }

    /// <summary>What the call said of the message: <c>MSG_TRUNC</c>, <c>MSG_CTRUNC</c>.</summary>
    internal static int Flags(byte* header, in MsgHdrLayout layout) =>
        Unsafe.ReadUnaligned<int>(header + layout.Flags);

    /// <summary>How many bytes the sender's address has.</summary>
    internal static int NameLength(byte* header, in MsgHdrLayout layout) =>
        Unsafe.ReadUnaligned<int>(header + layout.NameLength);

    /// <summary>How many bytes of control messages there are.</summary>
    internal static int ControlLength(byte* header, in MsgHdrLayout layout) =>
        layout.ControlLengthSize == 8
            ? (int)Unsafe.ReadUnaligned<long>(header + layout.ControlLength)
            : Unsafe.ReadUnaligned<int>(header + layout.ControlLength);

    private static void WriteLength(byte* field, int size, int value)
    {
        if (size == 8)
        {
            Unsafe.WriteUnaligned(field, (long)value);
        }
        else
        {
            Unsafe.WriteUnaligned(field, value);
        }
    }
}
