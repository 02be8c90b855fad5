using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Netlink;
using Xunit;

namespace NetKeepAlive.Tests.Interop.Netlink;

/// <summary>Whatever bytes come, the parser answers with one of its four words, in time, and never leaves the
/// buffer.</summary>
public sealed class DiagAnswerTests
{
    private const uint Sequence = 7;

    public DiagAnswerTests() => Assert.SkipUnless(CurrentPlatform.Value is Platform.Linux, "Linux only");

    [Fact]
    public void A_row_is_read_with_its_info()
    {
        byte[] info = [1, 2, 3, 4, 5, 6, 7, 8];
        List<DiagRecord> records = [];
        DiagAnswer answer = new(Sequence);
        Assert.Equal(DiagProgress.More, answer.Read(Row(info), records));
        Assert.Equal(DiagProgress.Done, answer.Read(Message(NetlinkAbi.MessageDone, new byte[4]), records));
        DiagRecord record = Assert.Single(records);
        Assert.Equal(info, record.Info.ToArray());
        Assert.Equal(NetlinkAbi.StateEstablished, record.State);
        Assert.Equal(0x1234, record.Identity.SourcePort);
        Assert.Equal(0x0102030405060708ul, record.Identity.Cookie);
        Assert.Equal(4711u, record.Inode);
        Assert.False(answer.WasInterrupted);
    }

    [Fact]
    public void An_interrupted_dump_is_told()
    {
        byte[] message = Row([]);
        MemoryMarshal.Write(message.AsSpan(NetlinkAbi.HeaderFlags), NetlinkAbi.FlagDumpInterrupted);
        DiagAnswer answer = new(Sequence);
        answer.Read<DiagRecord>(message, []);
        Assert.True(answer.WasInterrupted);
    }

    [Theory]
    [InlineData(-1, "Failed", 1)]
    [InlineData(-2, "Failed", 2)]
    [InlineData(0, "Done", 0)]
    [InlineData(int.MinValue, "Malformed", 0)]
    public void The_status_that_ends_an_answer_is_told(int status, string progress, int errno)
    {
        byte[] payload = new byte[20];
        MemoryMarshal.Write(payload, status);
        DiagAnswer answer = new(Sequence);
        Assert.Equal(progress, answer.Read<DiagRecord>(Message(NetlinkAbi.MessageError, payload), []).ToString());
        Assert.Equal(errno, answer.Error);
    }

    [Fact]
    public void Answers_to_another_request_and_messages_of_other_types_are_skipped()
    {
        byte[] other = Row([]);
        MemoryMarshal.Write(other.AsSpan(NetlinkAbi.HeaderSequence), Sequence + 1);
        List<DiagRecord> records = [];
        DiagAnswer answer = new(Sequence);
        Assert.Equal(DiagProgress.More, answer.Read(other, records));
        Assert.Equal(DiagProgress.More, answer.Read<DiagRecord>(Message(NetlinkAbi.MessageNoop, []), records));
        Assert.Equal(DiagProgress.More, answer.Read(Message(999, new byte[100]), records));
        Assert.Empty(records);
    }

    [Fact]
    public void A_cut_row_is_malformed_at_every_length()
    {
        byte[] row = Row(new byte[240]);
        for (int length = 1; length < row.Length; length++)
        {
            Assert.Equal(DiagProgress.Malformed, new DiagAnswer(Sequence).Read<DiagRecord>(Exactly(row.AsSpan(0, length)), []));
        }
    }

    [Fact]
    public void A_row_whose_attributes_lie_about_their_length_is_malformed()
    {
        byte[] row = Row(new byte[8]);
        foreach (ushort length in (ushort[])[0, 1, 3, 13, 1000, ushort.MaxValue])
        {
            MemoryMarshal.Write(row.AsSpan(NetlinkAbi.HeaderSize + NetlinkAbi.RecordSize), length);
            Assert.Equal(DiagProgress.Malformed, new DiagAnswer(Sequence).Read<DiagRecord>(row, []));
        }
    }

    [Fact]
    public void A_row_of_another_family_is_malformed()
    {
        byte[] row = Row([]);
        row[NetlinkAbi.HeaderSize] = 1;
        Assert.Equal(DiagProgress.Malformed, new DiagAnswer(Sequence).Read<DiagRecord>(row, []));
    }

    [Fact]
    public void A_message_that_is_longer_than_the_datagram_is_malformed()
    {
        foreach (uint length in (uint[])[0, 15, 1000, int.MaxValue, uint.MaxValue])
        {
            byte[] row = Row([]);
            MemoryMarshal.Write(row, length);
            Assert.Equal(DiagProgress.Malformed, new DiagAnswer(Sequence).Read<DiagRecord>(row, []));
        }
    }

    [Fact]
    public void Any_bytes_at_all_are_read_to_an_end() => Prop.ForAll<byte[]>(bytes =>
    {
        List<DiagRecord> records = [];
        DiagProgress progress = new DiagAnswer(Sequence).Read(Exactly(bytes ?? []), records);
        return Enum.IsDefined(progress) && records.Count <= (bytes ?? []).Length / NetlinkAbi.RecordSize;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_damaged_answer_is_read_to_an_end() => Prop.ForAll<byte[], int, int>((info, at, cut) =>
    {
        byte[] row = [.. Row(info ?? []), .. Row([]), .. Message(NetlinkAbi.MessageDone, new byte[4])];
        row[(at & int.MaxValue) % row.Length] = (byte)(at * 31);
        List<DiagRecord> records = [];
        DiagProgress progress = new DiagAnswer(Sequence).Read(
            Exactly(row.AsSpan(0, (cut & int.MaxValue) % (row.Length + 1))), records);
        return Enum.IsDefined(progress) && records.Count <= 2;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_million_random_datagrams_are_read_to_an_end()
    {
        // Half pure noise, half with headers that lead the parser further in.
        Random random = new(20240607);
        byte[] buffer = new byte[512];
        List<DiagRecord> records = [];
        int rows = 0;
        int[] seen = new int[4];
        for (int i = 0; i < 1_000_000; i++)
        {
            Span<byte> bytes = buffer.AsSpan(0, random.Next(buffer.Length));
            random.NextBytes(bytes);
            if (i % 2 == 0 && bytes.Length >= NetlinkAbi.HeaderSize)
            {
                MemoryMarshal.Write(bytes, (uint)random.Next(bytes.Length + 4));
                MemoryMarshal.Write(bytes[NetlinkAbi.HeaderType..], (ushort)(random.Next(4) == 0 ? 2 : 20));
                MemoryMarshal.Write(bytes[NetlinkAbi.HeaderSequence..], Sequence);
                if (bytes.Length > NetlinkAbi.HeaderSize + NetlinkAbi.RecordSize + 2)
                {
                    bytes[NetlinkAbi.HeaderSize] = 2;
                    MemoryMarshal.Write(
                        bytes[(NetlinkAbi.HeaderSize + NetlinkAbi.RecordSize)..],
                        (ushort)random.Next(bytes.Length));
                }
            }

            records.Clear();
            // What lies behind the datagram must not be read: another row would be found there.
            seen[(int)new DiagAnswer(Sequence).Read(bytes, records)]++;
            rows += records.Count;
        }

        Assert.Equal(1_000_000, seen[0] + seen[1] + seen[2] + seen[3]);
        Assert.True(rows > 1000 && seen[(int)DiagProgress.Malformed] > 1000, $"{rows} rows, {string.Join(' ', seen)}");
    }

    [Fact]
    public void Info_of_any_length_is_read()
    {
        Random random = new(5);
        for (int length = 0; length <= TcpInfoLayout.BufferSize; length++)
        {
            byte[] bytes = new byte[length];
            random.NextBytes(bytes);
            TcpInfo info = new(bytes);
            foreach (System.Reflection.PropertyInfo property in typeof(TcpInfo).GetProperties())
            {
                property.GetValue(info);
            }

            Assert.NotEmpty(info.ToString());
        }
    }

    private static byte[] Row(byte[] info) => NetlinkMessages.Row(Sequence, cookie: 0x0102030405060708, info);

    private static byte[] Message(ushort type, byte[] payload) => NetlinkMessages.Message(type, Sequence, payload);

    // An array of just that length: a read behind it would throw.
    private static byte[] Exactly(ReadOnlySpan<byte> bytes) => bytes.ToArray();
}
