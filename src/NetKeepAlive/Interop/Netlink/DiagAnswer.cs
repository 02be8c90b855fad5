using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop.Netlink;

/// <summary>How far an answer has come.</summary>
internal enum DiagProgress
{
    /// <summary>More datagrams follow.</summary>
    More,

    /// <summary>That was all.</summary>
    Done,

    /// <summary>The kernel answered with an error: see <see cref="DiagAnswer.Error"/>.</summary>
    Failed,

    /// <summary>The datagram is not what the kernel sends.</summary>
    Malformed,
}

/// <summary>Takes the datagrams of one request's answer apart.</summary>
internal sealed class DiagAnswer(uint sequence)
{
    /// <summary>The errno with which the kernel ended the answer; 0 where it did not.</summary>
    internal int Error { get; private set; }

    /// <summary>Did the kernel mark the dump as interrupted (NLM_F_DUMP_INTR): the table changed under it, and rows may
    /// be missing or twice.</summary>
    internal bool WasInterrupted { get; private set; }

    /// <summary>Reads one datagram and appends its rows. Messages with another sequence number belong to an earlier
    /// request, and messages of another type are none of ours: both are skipped.</summary>
    internal DiagProgress Read<T>(ReadOnlySpan<byte> datagram, List<T> records)
        where T : IDiagRecord<T>
    {
        NetlinkReader reader = new(datagram);
        while (reader.TryRead(out NetlinkMessage message))
        {
            if (message.Sequence != sequence)
            {
                continue;
            }

            WasInterrupted |= (message.Flags & NetlinkAbi.FlagDumpInterrupted) != 0;
            switch (message.Type)
            {
                case NetlinkAbi.SockDiagByFamily:
                    if (!T.TryRead(message.Payload, out T? record))
                    {
                        return DiagProgress.Malformed;
                    }

                    records.Add(record);
                    break;

                // Both carry an int: 0 or a negative errno. An error of 0 is an acknowledgement.
                case NetlinkAbi.MessageError:
                case NetlinkAbi.MessageDone:
                    return End(message);
            }
        }

        return reader.IsMalformed ? DiagProgress.Malformed : DiagProgress.More;
    }

    private DiagProgress End(NetlinkMessage message)
    {
        if (message.Payload.Length < sizeof(int))
        {
            // Old kernels end a dump without a status.
            return message.Type == NetlinkAbi.MessageDone && message.Payload.IsEmpty
                ? DiagProgress.Done
                : DiagProgress.Malformed;
        }

        int status = MemoryMarshal.Read<int>(message.Payload);
        if (status >= 0)
        {
            return DiagProgress.Done;
        }

        if (status == int.MinValue)
        {
            return DiagProgress.Malformed;
        }

        Error = -status;
        return DiagProgress.Failed;
    }
}
