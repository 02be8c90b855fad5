using System;
using NetKeepAlive.Interop;

namespace NetKeepAlive;

/// <summary>
/// A reusable set of messages: received by one system call each time (recvmmsg(2)) where the platform has it, else by
/// one call each. The bytes are overwritten by the next receive.
/// </summary>
public sealed class MessageBatch : IDisposable
{
    private readonly int[] _lengths;

    /// <summary>Reserves memory for so many messages of so many bytes: at most 2 GiB in all.</summary>
    /// <param name="capacity">How many messages one call may bring: 1 to 1024.</param>
    /// <param name="messageSize">How many bytes each may have; a longer one is cut, and <see cref="FullLength"/> says
    /// so.</param>
    public MessageBatch(int capacity, int messageSize)
        : this(capacity, messageSize, withParts: false)
    {
    }

    private MessageBatch(int capacity, int messageSize, bool withParts)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, 1024);
        ArgumentOutOfRangeException.ThrowIfLessThan(messageSize, 0);
        Vector = new MessageVector(capacity, messageSize, withParts);
        _lengths = new int[capacity];
        HasParts = withParts;
    }

    /// <summary>How many messages it can hold.</summary>
    public int Capacity => Vector.Capacity;

    /// <summary>How many messages the last receive brought.</summary>
    public int Count { get; internal set; }

    /// <summary>The bytes of a message, until the next receive.</summary>
    public ReadOnlySpan<byte> this[int index]
    {
        get
        {
            Check(index);
            return Vector.Data(index)[..Math.Min(Vector.SlotSize, _lengths[index])];
        }
    }

    internal MessageVector Vector { get; }

    /// <summary>Has each message its sender, descriptors and credentials?</summary>
    internal bool HasParts { get; }

    /// <summary>For messages of any length with all their parts. Its spans do not keep the memory alive: it is for
    /// those who make objects of the messages, under <see cref="HeldMemory"/>.</summary>
    internal static MessageBatch WithParts(int capacity) => new(capacity, ThreadMemory.Size, withParts: true);

    /// <summary>How many bytes a message had when it was sent.</summary>
    public int FullLength(int index)
    {
        Check(index);
        return _lengths[index];
    }

    /// <inheritdoc/>
    public void Dispose() => Vector.Dispose();

    internal void SetLength(int index, int length) => _lengths[index] = length;

    private void Check(int index)
    {
        ObjectDisposedException.ThrowIf(Vector.IsClosed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
    }
}
