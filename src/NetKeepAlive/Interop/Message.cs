using System;
using System.Collections.Generic;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using Microsoft.Win32.SafeHandles;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Sockets;

namespace NetKeepAlive.Interop;

/// <summary>What came with a message beside its bytes.</summary>
internal ref struct MessageParts
{
    /// <summary>How many bytes it had when it was sent; -1 when there is none now.</summary>
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
}

/// <summary>Messages with all their parts: sendmsg(2) and recvmsg(2), by the platform's layouts.</summary>
[SkipLocalsInit] // What the kernel fills need not be cleared first.
internal static class Message
{
    // In the year 9999, beyond which .NET has no time; less an hour for the fraction that comes on top.
    private const long LastSecond = 253_402_300_799 - 3600;

    // Few enough for a process that may have no more than 1024 descriptors.
    private const int CollectAfter = 512;

    private static int _owned;

    /// <summary>The length of the next message, which stays where it is.</summary>
    /// <param name="socket">A message socket.</param>
    /// <param name="isMarked">Has it SO_TIMESTAMP, by which a message of no bytes differs from the end?</param>
    /// <param name="isEnd">Is it the end, not a message?</param>
    /// <returns>-1 when there is none now.</returns>
    internal static unsafe int Peek(SafeHandle socket, bool isMarked, out bool isEnd)
    {
        Abi abi = Abi.Current;
        return ReceivePlain(socket, null, 0, abi.MsgPeek | abi.MsgTrunc, isMarked, out isEnd);
    }

    /// <summary>Receives a message's bytes alone: one system call and no allocation.</summary>
    /// <param name="socket">A message socket.</param>
    /// <param name="buffer">Where the bytes go; what does not fit is cut.</param>
    /// <param name="isMarked">Has it SO_TIMESTAMP?</param>
    /// <param name="isEnd">Is it the end, not a message?</param>
    /// <returns>The message's full length; -1 when there is none now.</returns>
    internal static unsafe int Receive(SafeHandle socket, Span<byte> buffer, bool isMarked, out bool isEnd)
    {
        fixed (byte* bytes = buffer)
        {
            return ReceivePlain(socket, bytes, buffer.Length, Abi.Current.MsgTrunc, isMarked, out isEnd);
        }
    }

    // With no room given for control messages the kernel says MSG_CTRUNC of every message that has one, and with
    // SO_TIMESTAMP every message has one, also an empty one. The end of a connection is no message and has none.
    [SkipLocalsInit]
    private static unsafe int ReceivePlain(
        SafeHandle socket, byte* bytes, int size, int flags, bool isMarked, out bool isEnd)
    {
        Abi abi = Abi.Current;
        byte* header = stackalloc byte[MessageHeader.RoomFor1];
        byte* iov = header + MessageHeader.RoomFor1 - MessageHeader.IovSize;
        MessageHeader.WriteIov(iov, bytes, size);
        MessageHeader.Write(header, abi.MsgHdr, null, 0, iov, 1, null, 0);
        int length = Libc.RecvMsg(socket, header, flags);
        isEnd = length == 0 && isMarked && (MessageHeader.Flags(header, abi.MsgHdr) & abi.MsgCtrunc) == 0;
        return length;
    }

    /// <summary>Receives a message with all its parts.</summary>
    /// <param name="socket">A Unix socket.</param>
    /// <param name="buffer">Where the bytes go; what does not fit is cut.</param>
    /// <param name="name">Where the sender's address goes.</param>
    /// <param name="isMarked">Has it SO_TIMESTAMP?</param>
    /// <param name="parts">What came.</param>
    internal static unsafe void ReceiveAll(
        SafeHandle socket, Span<byte> buffer, Span<byte> name, bool isMarked, out MessageParts parts)
    {
        Abi abi = Abi.Current;
        byte* header = stackalloc byte[MessageHeader.RoomFor1];
        byte* iov = header + MessageHeader.RoomFor1 - MessageHeader.IovSize;
        byte* control = stackalloc byte[ControlMessages.ReceiveSize];
        fixed (byte* bytes = buffer, nameBytes = name)
        {
            MessageHeader.WriteIov(iov, bytes, buffer.Length);
            MessageHeader.Write(
                header, abi.MsgHdr, nameBytes, name.Length, iov, 1, control, ControlMessages.ReceiveSize);
            int length = Libc.RecvMsg(socket, header, abi.MsgTrunc);
            ReadParts(header, control, name, length, isMarked, out parts);
        }
    }

    /// <summary>Reads what a receive said of one message.</summary>
    internal static unsafe void ReadParts(
        byte* header, byte* control, Span<byte> name, int length, bool isMarked, out MessageParts parts)
    {
        Abi abi = Abi.Current;
        parts = new MessageParts { FullLength = length };
        if (length < 0)
        {
            return;
        }

        parts.Name = name[..Math.Min(name.Length, MessageHeader.NameLength(header, abi.MsgHdr))];
        parts.ControlCut = (MessageHeader.Flags(header, abi.MsgHdr) & abi.MsgCtrunc) != 0;
        int controlLength = MessageHeader.ControlLength(header, abi.MsgHdr);
        parts.IsEnd = length == 0 && isMarked && controlLength == 0 && !parts.ControlCut;
        if (controlLength > 0)
        {
            ReadControl(new ReadOnlySpan<byte>(control, controlLength), abi, ref parts);
        }
    }

    /// <summary>Sends a message with descriptors.</summary>
    /// <param name="socket">A Unix socket.</param>
    /// <param name="data">The bytes; on a stream at least one, or the descriptors have nothing to travel with.</param>
    /// <param name="address">Where to; empty for the peer.</param>
    /// <param name="descriptors">The handles whose descriptors go along.</param>
    /// <returns>How many bytes were taken; -1 when there is no room now.</returns>
    internal static unsafe int Send(
        SafeHandle socket, ReadOnlySpan<byte> data, ReadOnlySpan<byte> address, ReadOnlySpan<SafeHandle> descriptors)
    {
        Abi abi = Abi.Current;
        Span<int> numbers = stackalloc int[descriptors.Length];
        Span<byte> control = stackalloc byte[abi.Cmsg.Space(numbers.Length * sizeof(int))];
        byte* header = stackalloc byte[MessageHeader.RoomFor1];
        byte* iov = header + MessageHeader.RoomFor1 - MessageHeader.IovSize;
        int held = 0;
        try
        {
            foreach (SafeHandle descriptor in descriptors)
            {
                bool added = false;
                descriptor.DangerousAddRef(ref added);
                numbers[held++] = (int)descriptor.DangerousGetHandle();
                SharedSockets.Mark(descriptor);
            }

            int controlLength = ControlMessages.Write(
                control, abi.Cmsg, abi.SolSocket, abi.ScmRights, MemoryMarshal.AsBytes(numbers));
            fixed (byte* bytes = data, name = address, controlBytes = control)
            {
                MessageHeader.WriteIov(iov, bytes, data.Length);
                MessageHeader.Write(
                    header, abi.MsgHdr, name, address.Length, iov, 1, controlBytes, controlLength);
                return Libc.SendMsg(socket, header);
            }
        }
        finally
        {
            while (held > 0)
            {
                descriptors[--held].DangerousRelease();
            }
        }
    }

    /// <summary>Reads control messages; those that are not what they ought to be are passed over.</summary>
    internal static void ReadControl(ReadOnlySpan<byte> control, Abi abi, ref MessageParts parts)
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
                parts.Timestamp = ReadTime(reader.Data) ?? parts.Timestamp;
            }
            else if (reader.Type == abi.ScmRights)
            {
                Own(reader.Data, abi, parts.Descriptors ??= []);
            }
            else if (abi.ScmCredentials != Abi.None && reader.Type == abi.ScmCredentials
                && reader.Data.Length >= PeerCredential.UcredSize)
            {
                parts.Credential = PeerCredential.FromUcred(reader.Data);
            }
        }
    }

    private static DateTimeOffset? ReadTime(ReadOnlySpan<byte> data)
    {
        if (data.Length < Options.OptionCodecs.Timeval.Size)
        {
            return null;
        }

        long seconds = MemoryMarshal.Read<long>(data);
        return seconds >= 0 && seconds < LastSecond
            ? DateTimeOffset.UnixEpoch + Options.OptionCodecs.Timeval.Decode(data)
            : null;
    }

    private static void Own(ReadOnlySpan<byte> data, Abi abi, List<SafeFileHandle> descriptors)
    {
        foreach (int descriptor in MemoryMarshal.Cast<byte, int>(data))
        {
            descriptors.Add(new SafeFileHandle(descriptor, ownsHandle: true));
        }

        // A peer can send them faster than the collector, which does not count them, would close what nobody took.
        if (Interlocked.Add(ref _owned, descriptors.Count) >= CollectAfter)
        {
            Interlocked.Exchange(ref _owned, 0);
            GC.Collect(1, GCCollectionMode.Forced, blocking: true);
        }

        if (abi.MsgCmsgCloexec == Abi.None)
        {
            descriptors.ForEach(RuntimeShim.SetCloseOnExec);
        }
    }

    /// <summary>The right object for a descriptor that came from another process; takes it over. What cannot be
    /// told, whoever sent it and whatever it is, stays the plain descriptor.</summary>
    internal static object Identify(SafeFileHandle descriptor)
    {
        SafeSocketHandle socket = new(descriptor.DangerousGetHandle(), ownsHandle: true);
        SharedSockets.Mark(socket);
        try
        {
            object known = Know(socket);
            descriptor.SetHandleAsInvalid();
            return known;
        }
        catch (SocketException)
        {
            // No socket (ENOTSOCK), a file that is only named (O_PATH: EBADF), a family without names (EOPNOTSUPP).
            socket.SetHandleAsInvalid();
            return descriptor;
        }
    }

    private static object Know(SafeSocketHandle socket)
    {
        try
        {
            return SocketKind.Of(socket).CreateAny(socket);
        }
        catch (NotASocketException)
        {
            // A kind of socket that the module has no object for: .NET's own will do.
            return new Socket(socket);
        }
    }
}
