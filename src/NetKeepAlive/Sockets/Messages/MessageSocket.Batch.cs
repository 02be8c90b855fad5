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

    private MessageVector? _sending;

    /// <summary>Receives what messages there are, as many as the batch holds, and waits while there is none.</summary>
    /// <returns>False at the end of the connection.</returns>
    /// <exception cref="TimeoutException">The time was over before there was a message.</exception>
    /// <exception cref="NativeSocketException">The connection failed: <c>ECONNRESET</c>.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public bool Receive(MessageBatch batch, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ReceiveStatus status = TryReceive(batch, batch.Capacity);
        if (status is ReceiveStatus.Nothing)
        {
            Deadline deadline = Deadline.After(timeout);
            using Readiness readiness = new(cancellationToken);
            do
            {
                if (!readiness.Wait(this, WaitDirection.Receive, deadline))
                {
                    throw TimedOut("receive", timeout);
                }

                status = TryReceive(batch, batch.Capacity);
            }
            while (status is ReceiveStatus.Nothing);
        }

        return status is ReceiveStatus.Message;
    }

    /// <summary>Sends messages in their order, many by one system call where the platform has it. Waits while there is
    /// no room.</summary>
    /// <exception cref="TimeoutException">The time was over before there was room for all.</exception>
    /// <exception cref="NativeSocketException">The kernel refused: <c>EPIPE</c>, <c>EMSGSIZE</c>.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public void SendBatch(
        ReadOnlySpan<ReadOnlyMemory<byte>> messages, UnixAddress? to = null, TimeSpan? timeout = null,
        CancellationToken cancellationToken = default)
    {
        int sent = 0;
        TrySendBatch(messages, to, ref sent);
        if (sent < messages.Length)
        {
            using Readiness readiness = new(cancellationToken);
            SendBatch(messages, to, Deadline.After(timeout), timeout, readiness, ref sent);
        }
    }

    /// <summary>Sends messages from the one numbered <paramref name="sent"/>, and waits by the caller's own means. Also
    /// after a failure <paramref name="sent"/> says how many are on their way: the next one is the one that
    /// failed.</summary>
    internal void SendBatch(
        ReadOnlySpan<ReadOnlyMemory<byte>> messages, UnixAddress? to, Deadline deadline, TimeSpan? timeout,
        Readiness readiness, ref int sent)
    {
        while (true)
        {
            TrySendBatch(messages, to, ref sent);
            if (sent == messages.Length)
            {
                return;
            }

            if (!WaitToSend(to, deadline, readiness))
            {
                throw TimedOut($"send ({messages.Length - sent} messages of the batch are left)", timeout, to);
            }
        }
    }

    /// <summary>Sends messages without waiting, and counts them.</summary>
    internal void TrySendBatch(ReadOnlySpan<ReadOnlyMemory<byte>> messages, UnixAddress? to, ref int sent)
    {
        while (sent < messages.Length)
        {
            int now = TrySendSome(messages[sent..], to);
            if (now <= 0)
            {
                return;
            }

            sent += now;
        }
    }

    /// <summary>Receives messages without waiting.</summary>
    internal ReceiveStatus TryReceive(MessageBatch batch, int maximum)
    {
        ReceiveStatus status;
        lock (ReceiveGate)
        {
            batch.Count = 0;
            if (IsGone)
            {
                return ReceiveStatus.End;
            }

            ThrowIfClosed();
            try
            {
                status = CurrentPlatform.Value is Platform.Linux && !HasPutBack
                    ? ReceiveVector(batch, Math.Min(maximum, batch.Capacity))
                    : ReceiveOneByOne(batch, Math.Min(maximum, batch.Capacity));
            }
            catch (NativeSocketException reset) when (PutsOff(reset))
            {
                return ReceiveStatus.Nothing;
            }
            catch (NativeSocketException failed) when (IsClosed || failed.Target is null)
            {
                throw Failure(failed, to: null);
            }
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
        if (CurrentPlatform.Value is not Platform.Linux || HasPutBack)
        {
            ReceiveStatus one = TryReceive(request, out SocketMessage? message);
            if (one is ReceiveStatus.Message)
            {
                messages.Enqueue(message!);
            }

            return one;
        }

        lock (ReceiveGate)
        {
            ReceiveStatus status = TryReceive(batch, maximum);
            for (int i = 0; i < batch.Count; i++)
            {
                batch.Vector.ReadParts(i, HasEnd, out MessageParts parts);
                ReadOnlySpan<byte> data = batch[i];
                int length = Math.Min(data.Length, request.MaximumLength ?? int.MaxValue);
                messages.Enqueue(Create(data[..length].ToArray(), parts, request));
            }

            return status;
        }
    }

    /// <inheritdoc/>
    private protected override void OnClosing()
    {
        _sending?.Dispose();
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
        int count = Libc.RecvMMsg(Handle, vector.Headers, maximum);
        if (count < 0)
        {
            return ReceiveStatus.Nothing;
        }

        // The kernel gives the end as one message more, or several.
        int bytes = 0;
        for (int i = 0; i < count && !vector.IsEnd(i, HasEnd); i++)
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

        if (fitting < 2 || CurrentPlatform.Value is not Platform.Linux)
        {
            ReadOnlySpan<byte> one = messages[0].Span;
            return TrySend(ref one, to) ? 1 : 0;
        }

        ThrowIfGone();
        lock (_sendGate)
        {
            try
            {
                return SendVector(messages[..fitting], to);
            }
            catch (NativeSocketException refused) when (IsClosed || refused.Target is null)
            {
                throw Failure(refused, to);
            }
        }
    }

    private unsafe int SendVector(ReadOnlySpan<ReadOnlyMemory<byte>> messages, UnixAddress? to)
    {
        MessageVector vector = _sending ??= new MessageVector(SendCapacity, SendSlotSize, withControl: false);
        ReadOnlySpan<byte> address = CheckAddress(to);
        for (int i = 0; i < messages.Length; i++)
        {
            vector.PrepareSend(i, messages[i].Span, address);
        }

        int sent = Math.Max(Libc.SendMMsg(Handle, vector.Headers, messages.Length), 0);
        int bytes = 0;
        foreach (ReadOnlyMemory<byte> message in messages[..sent])
        {
            bytes += message.Length;
        }

        CountSent(bytes);
        return sent;
    }
}
