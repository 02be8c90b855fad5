using System;
using System.Collections.Generic;
using System.Threading;
using NetKeepAlive.Interop;
using NetKeepAlive.Sockets;
using NetKeepAlive.Waiting;

namespace NetKeepAlive;

/// <content>Several messages by one system call.</content>
public abstract partial class MessageSocket
{
    // A batch to send is copied into one block; a message that does not fit its slot goes alone.
    private const int SendSlotSize = 4096;
    private const int SendCapacity = 64;

    // Each thread its own: nobody can free or fill it under another's hands.
    [ThreadStatic]
    private static MessageVector? _sending;

    /// <summary>Receives what messages there are, as many as the batch holds, and waits while there is none.</summary>
    /// <returns>False at the end of the connection.</returns>
    /// <exception cref="TimeoutException">The time was over before there was a message.</exception>
    /// <exception cref="NativeSocketException">The connection failed: <c>ECONNRESET</c>.</exception>
    /// <exception cref="ObjectDisposedException">The socket or the batch is closed.</exception>
    public bool Receive(MessageBatch batch, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ReceiveStatus status = TryReceive(batch, batch.Capacity);
        if (status is ReceiveStatus.Nothing)
        {
            using WaitLoop waiting = new(timeout, cancellationToken);
            while ((status = TryReceive(batch, batch.Capacity)) is ReceiveStatus.Nothing)
            {
                waiting.Again(this, WaitDirection.Receive);
            }
        }

        return status is ReceiveStatus.Message;
    }

    /// <summary>Sends messages in their order, many by one system call where the platform has it. Waits while there is
    /// no room.</summary>
    /// <exception cref="SendTimeoutException">The time was over before there was room for all.</exception>
    /// <exception cref="NativeSocketException">The kernel refused: <c>EPIPE</c>, <c>EMSGSIZE</c>.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public void SendBatch(
        ReadOnlySpan<ReadOnlyMemory<byte>> messages, UnixAddress? to = null, TimeSpan? timeout = null,
        CancellationToken cancellationToken = default)
    {
        int sent = 0;
        if (!TrySendBatch(messages, to, ref sent))
        {
            using WaitLoop waiting = new(timeout, cancellationToken);
            SendBatch(messages, to, waiting, ref sent);
        }
    }

    /// <summary>Sends messages from the one numbered <paramref name="sent"/>, and waits by the caller's own means. Also
    /// after a failure <paramref name="sent"/> says how many are on their way: the next one is the one that
    /// failed.</summary>
    internal void SendBatch(
        ReadOnlySpan<ReadOnlyMemory<byte>> messages, UnixAddress? to, WaitLoop waiting, ref int sent)
    {
        while (!TrySendBatch(messages, to, ref sent))
        {
            if (!WaitToSend(to, waiting))
            {
                throw new SendTimeoutException(
                    waiting.Deadline.Say(
                        $"send {Target(to)}: {sent} of {messages.Length} messages were sent, and no room for the rest"),
                    Bytes(messages[..sent]),
                    Bytes(messages));
            }
        }
    }

    /// <summary>Sends messages without waiting, and counts them.</summary>
    /// <returns>Were all of them sent?</returns>
    internal bool TrySendBatch(ReadOnlySpan<ReadOnlyMemory<byte>> messages, UnixAddress? to, ref int sent)
    {
        int now = 1;
        while (sent < messages.Length && now > 0)
        {
            now = TrySendSome(messages[sent..], to);
            sent += now;
        }

        return sent == messages.Length;
    }

    /// <summary>Receives messages without waiting.</summary>
    internal ReceiveStatus TryReceive(MessageBatch batch, int maximum)
    {
        ReceiveStatus status;
        using HeldMemory held = new(batch.Vector);
        lock (ReceiveGate)
        {
            status = ReceiveBatch(batch, Math.Min(maximum, batch.Capacity));
        }

        if (status is ReceiveStatus.End)
        {
            MarkEnd();
        }

        return status;
    }

    /// <summary>Receives messages without waiting, with all their parts.</summary>
    internal ReceiveStatus TryReceive(
        MessageBatch batch, int maximum, ReceiveRequest request, Queue<SocketMessage> messages)
    {
        if (!Abi.Current.HasMessageVectors || HasPutBack)
        {
            ReceiveStatus one = TryReceive(request, out SocketMessage? message);
            if (one is ReceiveStatus.Message)
            {
                messages.Enqueue(message!);
            }

            return one;
        }

        ReceiveStatus status;
        using HeldMemory held = new(batch.Vector);
        lock (ReceiveGate)
        {
            status = ReceiveBatch(batch, Math.Min(maximum, batch.Capacity));
            for (int i = 0; i < batch.Count; i++)
            {
                messages.Enqueue(Create(batch[i], batch.Vector.ReadParts(i, HasEnd), request));
            }
        }

        if (status is ReceiveStatus.End)
        {
            MarkEnd();
        }

        return status;
    }

    private static long Bytes(ReadOnlySpan<ReadOnlyMemory<byte>> messages)
    {
        long bytes = 0;
        foreach (ReadOnlyMemory<byte> message in messages)
        {
            bytes += message.Length;
        }

        return bytes;
    }

    private ReceiveStatus ReceiveBatch(MessageBatch batch, int maximum)
    {
        batch.Count = 0;
        if (IsGone)
        {
            return ReceiveStatus.End;
        }

        ThrowIfClosed();
        return Abi.Current.HasMessageVectors && !HasPutBack
            ? ReceiveVector(batch, maximum)
            : ReceiveOneByOne(batch, maximum);
    }

    private unsafe ReceiveStatus ReceiveVector(MessageBatch batch, int maximum)
    {
        if (IsReadEnded && !HasEnd)
        {
            return ReceiveStatus.End;
        }

        Mark();
        MessageVector vector = batch.Vector;
        vector.PrepareReceive(maximum);
        int count = Received(Libc.RecvMMsg(Handle, vector.Headers, maximum), "recvmmsg");
        if (count < 0)
        {
            return ReceiveStatus.Nothing;
        }

        // The kernel gives the end as one message more, or several.
        int bytes = 0;
        for (int i = 0; i < count && !(vector.IsEnd(i, HasEnd) && HasEnded()); i++)
        {
            batch.SetLength(i, vector.Length(i));
            batch.Count++;
            bytes += Math.Min(vector.Length(i), vector.SlotSize);
        }

        // Messages with their parts are counted as they are made into objects.
        if (!batch.HasParts)
        {
            CountReceived(bytes);
        }

        return batch.Count > 0 ? ReceiveStatus.Message : ReceiveStatus.End;
    }

    private ReceiveStatus ReceiveOneByOne(MessageBatch batch, int maximum)
    {
        while (batch.Count < maximum)
        {
            if (!TryReceive(batch.Vector.Data(batch.Count), out int length, out bool isEnd) || isEnd)
            {
                return batch.Count > 0 ? ReceiveStatus.Message : isEnd ? ReceiveStatus.End : ReceiveStatus.Nothing;
            }

            batch.SetLength(batch.Count, length);
            batch.Count++;
        }

        return ReceiveStatus.Message;
    }

    // Returns how many were sent; 0 when there is no room.
    private int TrySendSome(ReadOnlySpan<ReadOnlyMemory<byte>> messages, UnixAddress? to)
    {
        int fitting = 0;
        while (fitting < Math.Min(messages.Length, SendCapacity) && messages[fitting].Length <= SendSlotSize)
        {
            fitting++;
        }

        if (fitting < 2 || !Abi.Current.HasMessageVectors)
        {
            ReadOnlySpan<byte> one = messages[0].Span;
            return TrySend(ref one, to) ? 1 : 0;
        }

        ThrowIfGone();
        return SendVector(messages[..fitting], to);
    }

    private unsafe int SendVector(ReadOnlySpan<ReadOnlyMemory<byte>> messages, UnixAddress? to)
    {
        MessageVector vector = _sending ??= new MessageVector(SendCapacity, SendSlotSize, withControl: false);
        ReadOnlySpan<byte> address = CheckAddress(to);
        for (int i = 0; i < messages.Length; i++)
        {
            vector.PrepareSend(i, messages[i].Span, address);
        }

        int sent = Math.Max(Sent(Libc.SendMMsg(Handle, vector.Headers, messages.Length), to, "sendmmsg"), 0);
        CountSent((int)Bytes(messages[..sent]));
        return sent;
    }
}
