using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

/// <summary>
/// The memory of a batch: an array of <c>struct mmsghdr</c> (Linux: a <c>msghdr</c>, then the message's length), and
/// for each its iovec, its address, its control messages and its bytes. With room for control messages it is outside the
/// managed heap: pages that no message ever reached are never backed by memory. Whoever uses that holds the handle
/// meanwhile (<see cref="HeldMemory"/>). Without, it is one pinned array, and every span of it keeps it alive.
/// </summary>
internal sealed unsafe class MessageVector : SafeHandle
{
    // struct mmsghdr: the length follows the header, the whole is aligned to 8.
    private const int LengthSize = 8;

    private readonly MsgHdrLayout _layout;
    private readonly int _headerSize;
    private readonly nint _slotSize;
    private readonly int _controlSize;
    private readonly byte[]? _array;
    private readonly byte* _iovs;
    private readonly byte* _names;
    private readonly byte* _controls;
    private readonly byte* _data;

    // So many headers are as the next call wants them: without an address and control messages a call changes only what
    // it tells (the flags, the length).
    private int _prepared;

    /// <summary>Reserves memory for a batch.</summary>
    /// <param name="count">How many messages at the most.</param>
    /// <param name="slotSize">How many bytes each can have.</param>
    /// <param name="withControl">With room for control messages.</param>
    internal MessageVector(int count, int slotSize, bool withControl)
        : base(0, ownsHandle: true)
    {
        _layout = Abi.Current.MsgHdr;
        _headerSize = _layout.Size + LengthSize;
        _slotSize = slotSize;
        _controlSize = withControl ? ControlMessages.ReceiveSize : 0;
        Capacity = count;
        nint fixedSize = count * (_headerSize + MessageHeader.IovSize + SockAddr.MaximumSize + _controlSize);
        nint size = fixedSize + (count * _slotSize);
        byte* memory;
        if (withControl)
        {
            memory = (byte*)NativeMemory.Alloc((nuint)size);
        }
        else
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Array.MaxLength, nameof(slotSize));
            _array = GC.AllocateUninitializedArray<byte>((int)size, pinned: true);
            memory = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_array));
        }

        SetHandle((nint)memory);
        _iovs = memory + (count * _headerSize);
        _names = _iovs + (count * MessageHeader.IovSize);
        _controls = _names + (count * SockAddr.MaximumSize);
        _data = memory + fixedSize;
    }

    /// <summary>How many messages it can hold.</summary>
    internal int Capacity { get; }

    /// <summary>How many bytes each of them can have.</summary>
    internal int SlotSize => (int)_slotSize;

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The array of headers.</summary>
    internal byte* Headers => (byte*)handle;

    /// <summary>One header.</summary>
    internal byte* Header(int index) => Headers + (index * _headerSize);

    /// <summary>The control messages of one.</summary>
    internal byte* Control(int index) => _controls + (index * _controlSize);

    /// <summary>The address of one.</summary>
    internal Span<byte> Name(int index) => new(_names + (index * SockAddr.MaximumSize), SockAddr.MaximumSize);

    /// <summary>The bytes of one.</summary>
    internal Span<byte> Data(int index) => _array is { } array
        ? array.AsSpan((int)(_data - (byte*)handle + (index * _slotSize)), SlotSize)
        : new Span<byte>(_data + (index * _slotSize), SlotSize);

    /// <summary>The length of one that was received, or how much of one was sent.</summary>
    internal int Length(int index) => Unsafe.ReadUnaligned<int>(Header(index) + _layout.Size);

    /// <summary>Makes headers ready to receive into.</summary>
    internal void PrepareReceive(int count)
    {
        bool plain = _controlSize == 0;
        for (int i = plain ? _prepared : 0; i < count; i++)
        {
            Prepare(i, SlotSize, plain ? 0 : SockAddr.MaximumSize, _controlSize);
        }

        _prepared = plain ? Math.Max(_prepared, count) : 0;
    }

    /// <summary>Puts a message to send into a slot.</summary>
    internal void PrepareSend(int index, ReadOnlySpan<byte> data, ReadOnlySpan<byte> address)
    {
        data.CopyTo(new Span<byte>(_data + (index * _slotSize), SlotSize));
        if (!address.IsEmpty)
        {
            address.CopyTo(Name(index));
            _prepared = 0;
        }
        else if (index < _prepared)
        {
            MessageHeader.WriteIov(Iov(index), _data + (index * _slotSize), data.Length);
            return;
        }

        Prepare(index, data.Length, address.Length, 0);
        _prepared = address.IsEmpty && index == _prepared ? index + 1 : _prepared;
    }

    /// <summary>What came with a received message.</summary>
    internal MessageParts ReadParts(int index, bool isMarked) =>
        MessageParts.Read(Header(index), Control(index), Name(index), Length(index), isMarked);

    /// <summary>Is it the end of the connection, not a message? As <see cref="Message.Receive"/> tells.</summary>
    internal bool IsEnd(int index, bool isMarked) =>
        isMarked && Length(index) == 0
        && (MessageHeader.Flags(Header(index), _layout) & Abi.Current.MsgCtrunc) == 0
        && MessageHeader.ControlLength(Header(index), _layout) == 0;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        if (_array is null)
        {
            NativeMemory.Free((void*)handle);
        }

        return true;
    }

    private byte* Iov(int index) => _iovs + (index * MessageHeader.IovSize);

    private void Prepare(int index, int length, int nameLength, int controlLength)
    {
        byte* iov = Iov(index);
        MessageHeader.WriteIov(iov, _data + (index * _slotSize), length);
        MessageHeader.Write(
            Header(index), _layout,
            nameLength > 0 ? _names + (index * SockAddr.MaximumSize) : null, nameLength,
            iov, 1,
            controlLength > 0 ? Control(index) : null, controlLength);
    }
}
