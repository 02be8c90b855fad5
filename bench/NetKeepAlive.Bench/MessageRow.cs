using System;
using System.Net.Sockets;

namespace NetKeepAlive.Bench;

/// <summary>Messages of 64 bytes, sent and received in one thread: one by one, or in batches.</summary>
internal static class MessageRow
{
    private const int Rounds = 2_000;
    private const int BatchSize = 50;

    /// <summary>One system call each to send and to receive: as a program does that uses the core.</summary>
    /// <param name="arguments">The type, and the size.</param>
    internal static double Run(string[] arguments)
    {
        using MessagePair pair = new(arguments[0]);
        byte[] data = new byte[arguments.Length > 1 ? int.Parse(arguments[1]) : 64];
        byte[] buffer = new byte[data.Length];
        return Rate.Of(Rounds, () =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                pair.Sender.Send(data);
                if (!pair.Receiver.Receive(buffer, out int length) || length != data.Length)
                {
                    throw new InvalidOperationException("A message was lost.");
                }
            }
        });
    }

    /// <summary>One system call to send 50, and one to receive them.</summary>
    internal static double RunBatch(string[] arguments)
    {
        using MessagePair pair = new(arguments[0]);
        ReadOnlyMemory<byte>[] data = new ReadOnlyMemory<byte>[BatchSize];
        Array.Fill(data, new byte[64]);
        using MessageBatch batch = new(BatchSize, 64);
        return Rate.Of(Rounds, () =>
        {
            for (int i = 0; i < Rounds; i += BatchSize)
            {
                pair.Sender.SendBatch(data);
                if (!pair.Receiver.Receive(batch) || batch.Count != BatchSize || batch[BatchSize - 1].Length != 64)
                {
                    throw new InvalidOperationException("A message was lost.");
                }
            }
        });
    }

    private sealed class MessagePair : IDisposable
    {
        internal MessagePair(string type)
        {
            (NetSocket sender, NetSocket receiver) = UnixSockets.CreatePair(
                type == "datagram" ? SocketType.Dgram : SocketType.Seqpacket);
            (Sender, Receiver) = ((MessageSocket)sender, (MessageSocket)receiver);
        }

        internal MessageSocket Sender { get; }

        internal MessageSocket Receiver { get; }

        public void Dispose()
        {
            Sender.Dispose();
            Receiver.Dispose();
        }
    }
}
