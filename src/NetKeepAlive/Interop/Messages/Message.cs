using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

/// <summary>Messages with all their parts: sendmsg(2) and recvmsg(2), by the platform's layouts. Like the calls they
/// answer with a count, or with the errno, negated.</summary>
[SkipLocalsInit] // What the kernel fills need not be cleared first.
internal static class Message
{
    /// <summary>Receives a message's bytes alone: one system call and no allocation.</summary>
    /// <param name="socket">A message socket.</param>
    /// <param name="buffer">Where the bytes go; what does not fit is cut.</param>
    /// <param name="isMarked">Has it SO_TIMESTAMP, by which a message of no bytes differs from the end?</param>
    /// <param name="isEnd">Is it the end, not a message?</param>
    /// <returns>The message's full length, or the errno, negated.</returns>
    internal static unsafe int Receive(SafeHandle socket, Span<byte> buffer, bool isMarked, out bool isEnd)
    {
        Abi abi = Abi.Current;
        byte* header = stackalloc byte[MessageHeader.RoomFor1];
        byte* iov = header + MessageHeader.RoomFor1 - MessageHeader.IovSize;
        fixed (byte* bytes = buffer)
        {
            MessageHeader.WriteIov(iov, bytes, buffer.Length);
            MessageHeader.Write(header, abi.MsgHdr, null, 0, iov, 1, null, 0);
            int length = Libc.RecvMsg(socket, header, abi.MsgFullLength);

            // With no room given for control messages the kernel says MSG_CTRUNC of every message that has one, and
            // with SO_TIMESTAMP every message has one, also an empty one. The end is no message and has none.
            isEnd = length == 0 && isMarked && (MessageHeader.Flags(header, abi.MsgHdr) & abi.MsgCtrunc) == 0;
            return length;
        }
    }

    /// <summary>Receives a datagram's bytes alone.</summary>
    /// <param name="socket">A datagram socket.</param>
    /// <param name="buffer">Where the bytes go; what does not fit is cut.</param>
    /// <returns>The message's full length, or the errno, negated.</returns>
    internal static int ReceiveDatagram(SafeHandle socket, Span<byte> buffer)
    {
        if (Abi.Current.MsgFullLength != Abi.None)
        {
            return Libc.Recv(socket, buffer, fullLength: true);
        }

        // Nothing tells how long a message was that is cut: so it is received into room for any, and copied.
        Span<byte> whole = ThreadMemory.Own;
        int length = Libc.Recv(socket, whole);
        whole[..Math.Clamp(length, 0, buffer.Length)].CopyTo(buffer);
        return length;
    }

    /// <summary>Looks at the next bytes of a stream, which stay, and at whether descriptors come with them.</summary>
    /// <param name="socket">A Unix stream.</param>
    /// <param name="buffer">Where the bytes go.</param>
    /// <param name="isCredited">Do credentials come with every message?</param>
    /// <param name="hasDescriptors">Do some of these bytes bring descriptors? Those that follow do not come
    /// along.</param>
    /// <returns>How many bytes there are, 0 at the end; or the errno, negated.</returns>
    internal static unsafe int Peek(
        SafeHandle socket, Span<byte> buffer, bool isCredited, out bool hasDescriptors)
    {
        Abi abi = Abi.Current;
        byte* header = stackalloc byte[MessageHeader.RoomFor1];
        byte* iov = header + MessageHeader.RoomFor1 - MessageHeader.IovSize;
        int room = isCredited ? abi.Cmsg.Space(PeerCredential.UcredSize) : abi.PeekControlSize;
        byte* control = stackalloc byte[room];
        fixed (byte* bytes = buffer)
        {
            MessageHeader.WriteIov(iov, bytes, buffer.Length);
            MessageHeader.Write(header, abi.MsgHdr, null, 0, iov, 1, control, room);
            int length = Libc.RecvMsg(socket, header, abi.MsgPeek);

            // With no room for them, for credentials come first, the kernel says MSG_CTRUNC where there are any.
            hasDescriptors = (MessageHeader.Flags(header, abi.MsgHdr) & abi.MsgCtrunc) != 0;
            return length;
        }
    }

    /// <summary>Receives a message with all its parts.</summary>
    /// <param name="socket">A Unix socket.</param>
    /// <param name="buffer">Where the bytes go; what does not fit is cut.</param>
    /// <param name="name">Where the sender's address goes.</param>
    /// <param name="isMarked">Has it SO_TIMESTAMP?</param>
    internal static unsafe MessageParts ReceiveAll(
        SafeHandle socket, Span<byte> buffer, Span<byte> name, bool isMarked)
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
            int length = Libc.RecvMsg(socket, header, abi.MsgFullLength);
            return MessageParts.Read(header, control, name, length, isMarked);
        }
    }

    /// <summary>Sends a message with descriptors.</summary>
    /// <param name="socket">A Unix socket.</param>
    /// <param name="data">The bytes; on a stream at least one, or the descriptors have nothing to travel with.</param>
    /// <param name="address">Where to; empty for the peer.</param>
    /// <param name="descriptors">The handles whose descriptors go along.</param>
    /// <param name="isStream">Is the socket a stream?</param>
    /// <returns>How many bytes were taken, or the errno, negated.</returns>
    internal static unsafe int Send(
        SafeHandle socket, ReadOnlySpan<byte> data, ReadOnlySpan<byte> address, ReadOnlySpan<SafeHandle> descriptors,
        bool isStream = false)
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
            }

            int controlLength = ControlMessages.Write(
                control, abi.Cmsg, abi.SolSocket, abi.ScmRights, MemoryMarshal.AsBytes(numbers));
            fixed (byte* bytes = data, name = address, controlBytes = control)
            {
                MessageHeader.WriteIov(iov, bytes, data.Length);
                MessageHeader.Write(
                    header, abi.MsgHdr, name, address.Length, iov, 1, controlBytes, controlLength);
                return Libc.SendMsg(socket, header, isStream);
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
}
