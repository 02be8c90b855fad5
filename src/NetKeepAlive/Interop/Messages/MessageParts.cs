using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Win32.SafeHandles;

namespace NetKeepAlive.Interop;

/// <summary>What came with a message beside its bytes.</summary>
internal ref struct MessageParts
{
    // In the year 9999, beyond which .NET has no time; less an hour for the fraction that comes on top.
    private const long LastSecond = 253_402_300_799 - 3600;

    // struct timeval, every platform of ours: 8 bytes of seconds, then the microseconds, which fit 4.
    private const int TimevalSize = 16;
    private const int MicrosecondsOffset = 8;

    // Few enough for a process that may have no more than 1024 descriptors.
    private const int CollectAfter = 512;
    private const int AllEvery = 4;

    // A finalizer of somebody else's may hang.
    private static readonly TimeSpan FinalizersLimit = TimeSpan.FromSeconds(1);

    private static int _owned;
    private static int _collections;

    /// <summary>How many bytes it had when it was sent; or the errno of the receive, negated.</summary>
    internal int FullLength;

    /// <summary>Is it the end of the connection, not a message?</summary>
    internal bool IsEnd;

    /// <summary>The bytes of the sender's <c>sockaddr</c>, within the buffer given for it.</summary>
    internal ReadOnlySpan<byte> Name;

    /// <summary>Its descriptors; null where there are none.</summary>
    internal List<SafeFileHandle>? Descriptors;

    /// <summary>Were there control messages that did not fit, or descriptors that this process had no room
    /// for?</summary>
    internal bool ControlCut;

    /// <summary>Who sent it, where the socket asks for that.</summary>
    internal PeerCredential? Credential;

    /// <summary>When it was sent, where the socket asks for that.</summary>
    internal DateTimeOffset? Timestamp;

    /// <summary>Reads what a receive said of one message.</summary>
    /// <param name="header">Its <c>struct msghdr</c>.</param>
    /// <param name="control">The room for its control messages.</param>
    /// <param name="name">The room for its sender's address.</param>
    /// <param name="length">What the call answered: its length, or the errno, negated.</param>
    /// <param name="isMarked">Has the socket SO_TIMESTAMP, by which a message of no bytes differs from the
    /// end?</param>
    internal static unsafe MessageParts Read(
        byte* header, byte* control, Span<byte> name, int length, bool isMarked)
    {
        Abi abi = Abi.Current;
        MessageParts parts = new() { FullLength = length };
        if (length < 0)
        {
            return parts;
        }

        parts.Name = name[..Math.Min(name.Length, MessageHeader.NameLength(header, abi.MsgHdr))];
        parts.ControlCut = (MessageHeader.Flags(header, abi.MsgHdr) & abi.MsgCtrunc) != 0;
        int controlLength = MessageHeader.ControlLength(header, abi.MsgHdr);
        parts.IsEnd = length == 0 && isMarked && controlLength == 0 && !parts.ControlCut;
        if (controlLength > 0)
        {
            parts.ReadControl(new ReadOnlySpan<byte>(control, controlLength), abi);
        }

        return parts;
    }

    /// <summary>Reads control messages; those that are not what they ought to be are passed over.</summary>
    internal void ReadControl(ReadOnlySpan<byte> control, Abi abi)
    {
        ControlReader reader = new(control, abi.Cmsg);
        while (reader.MoveNext())
        {
            if (reader.Level != abi.SolSocket)
            {
                continue;
            }

            if (reader.Type == abi.ScmTimestamp)
            {
                Timestamp = ReadTime(reader.Data) ?? Timestamp;
            }
            else if (reader.Type == abi.ScmRights)
            {
                Own(reader.Data, abi);
            }
            else if (abi.ScmCredentials != Abi.None && reader.Type == abi.ScmCredentials
                && reader.Data.Length >= PeerCredential.UcredSize)
            {
                Credential = PeerCredential.FromUcred(reader.Data);
            }
        }
    }

    private static DateTimeOffset? ReadTime(ReadOnlySpan<byte> data)
    {
        if (data.Length < TimevalSize)
        {
            return null;
        }

        long seconds = MemoryMarshal.Read<long>(data);
        return seconds is >= 0 and < LastSecond
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
                + TimeSpan.FromMicroseconds(MemoryMarshal.Read<int>(data[MicrosecondsOffset..]))
            : null;
    }

    // One owner each from the first moment. A place in the list first: nothing may fail between a descriptor's
    // arrival and its owner.
    private void Own(ReadOnlySpan<byte> data, Abi abi)
    {
        ReadOnlySpan<int> numbers = MemoryMarshal.Cast<byte, int>(data);
        List<SafeFileHandle> owners = Descriptors ??= [];
        int first = owners.Count;
        for (int i = 0; i < numbers.Length; i++)
        {
            owners.Add(new SafeFileHandle());
        }

        for (int i = 0; i < numbers.Length; i++)
        {
            Marshal.InitHandle(owners[first + i], numbers[i]);
        }

        if (abi.MsgCmsgCloexec == Abi.None)
        {
            for (int i = first; i < owners.Count; i++)
            {
                RuntimeShim.SetCloseOnExec(owners[i]);
            }
        }

        // A peer can send them faster than the collector, which does not count them, would close what nobody took.
        if (Interlocked.Add(ref _owned, numbers.Length) >= CollectAfter)
        {
            // Now and then also those that were held for a while; then whoever receives waits until they are closed.
            Interlocked.Exchange(ref _owned, 0);
            bool all = Interlocked.Increment(ref _collections) % AllEvery == 0;
            GC.Collect(all ? GC.MaxGeneration : 1, GCCollectionMode.Forced, blocking: true);
            if (all)
            {
                Task.Run(GC.WaitForPendingFinalizers).Wait(FinalizersLimit);
            }
        }
    }
}
