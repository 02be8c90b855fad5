namespace NetKeepAlive.Interop;

/// <summary>Where the fields of <c>struct msghdr</c> lie, in bytes. Lengths are 4 or 8 bytes wide
/// (<c>size_t</c>).</summary>
/// <remarks>musl pads its 4-byte lengths to 8 and reads the low half, so glibc's layout serves both.</remarks>
internal readonly record struct MsgHdrLayout(
    int Size, int Name, int NameLength, int Iov, int IovLength, int IovLengthSize,
    int Control, int ControlLength, int ControlLengthSize, int Flags);

/// <summary>The header of a control message: how wide its length is, and to what its parts are aligned.</summary>
internal readonly record struct CmsgLayout(int LengthSize, int Alignment)
{
    /// <summary>Offset of <c>cmsg_level</c>.</summary>
    internal int Level => LengthSize;

    /// <summary>Offset of <c>cmsg_type</c>.</summary>
    internal int Type => LengthSize + 4;

    /// <summary>Bytes before the data: <c>CMSG_LEN(0)</c>.</summary>
    internal int Header => Align(LengthSize + 8);

    /// <summary>Rounds up to the alignment: <c>CMSG_ALIGN</c>.</summary>
    internal int Align(int length) => (length + Alignment - 1) & ~(Alignment - 1);

    /// <summary>Bytes that a control message with so much data takes: <c>CMSG_SPACE</c>.</summary>
    internal int Space(int dataLength) => Header + Align(dataLength);
}

/// <summary><c>struct sockaddr_un</c>: does it begin with a length byte, and how many bytes has
/// <c>sun_path</c>.</summary>
internal readonly record struct SockAddrUnLayout(bool HasLengthByte, int PathSize)
{
    /// <summary>Offset of <c>sun_path</c>: 2 on every platform.</summary>
    internal const int PathOffset = 2;

    /// <summary>Size of the whole structure.</summary>
    internal int Size => PathOffset + PathSize;

    /// <summary>The longest path in bytes: one byte is the terminating zero.</summary>
    internal int MaximumPathLength => PathSize - 1;
}
