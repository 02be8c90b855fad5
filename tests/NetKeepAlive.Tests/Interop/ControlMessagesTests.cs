using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Win32.SafeHandles;
using NetKeepAlive.Interop;
using Xunit;

namespace NetKeepAlive.Tests.Interop;

/// <summary>Whatever bytes a control buffer holds, it is read to its end and not beyond, and each descriptor in it gets
/// one owner.</summary>
public sealed class ControlMessagesTests
{
    private static readonly Abi Linux = Abi.Of(Platform.Linux);
    private static readonly Abi Darwin = Abi.Of(Platform.Darwin);

    [Fact]
    public void What_is_written_is_read_on_both_platforms() => Prop.ForAll<(int, int, byte[])[]>(messages =>
    {
        (int Level, int Type, byte[] Data)[] all =
            (messages ?? []).Select(it => (it.Item1, it.Item2, it.Item3 ?? [])).ToArray();
        return new[] { Linux, Darwin }.All(abi => all.SequenceEqual(Read(Write(all, abi), abi), Same.Instance));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_bytes_at_all_are_read_to_an_end() => Prop.ForAll<byte[]>(bytes =>
        new[] { Linux, Darwin }.All(abi => IsWithin(bytes ?? [], abi))).QuickCheckThrowOnFailure();

    [Fact]
    public void A_million_damaged_buffers_are_read_to_an_end()
    {
        Random random = new(4711);
        byte[] buffer = new byte[200];
        int found = 0;
        for (int i = 0; i < 500_000; i++)
        {
            foreach (Abi abi in (Abi[])[Linux, Darwin])
            {
                Span<byte> bytes = buffer.AsSpan(0, random.Next(buffer.Length));
                random.NextBytes(bytes);

                // Lengths that lead the reader further in: about right, or wrong by a little.
                int at = 0;
                while (at + abi.Cmsg.Header <= bytes.Length && random.Next(5) > 0)
                {
                    int length = random.Next(abi.Cmsg.Header - 2, abi.Cmsg.Header + 40);
                    bytes.Slice(at, abi.Cmsg.LengthSize).Clear();
                    MemoryMarshal.Write(bytes[at..], length);
                    at += abi.Cmsg.Align(Math.Max(length, abi.Cmsg.Header));
                }

                ControlReader reader = new(bytes, abi.Cmsg);
                int steps = 0;
                while (reader.MoveNext())
                {
                    Assert.True(++steps <= bytes.Length / abi.Cmsg.Header);
                    found++;
                }
            }
        }

        Assert.True(found > 100_000, $"{found} control messages");
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(0x1_0000_0010)]
    public void A_length_that_cannot_be_ends_the_reading(long length)
    {
        byte[] control = new byte[64];
        MemoryMarshal.Write(control, length);
        Assert.False(new ControlReader(control, Linux.Cmsg).MoveNext());
    }

    [Fact]
    public void Every_descriptor_gets_one_owner_whatever_lies_around_it() => Prop.ForAll<int[], byte[], byte[]>(
        (numbers, before, after) =>
        {
            numbers = [.. (numbers ?? []).Select(static it => it & int.MaxValue)];
            byte[] control = Write(
            [
                (Linux.SolSocket, Linux.ScmCredentials, before ?? []),
                (Linux.SolSocket, Linux.ScmRights, MemoryMarshal.AsBytes(numbers.AsSpan()).ToArray()),
                (Linux.SolSocket, Linux.ScmTimestamp, after ?? []),
                (Linux.SolSocket + 1, Linux.ScmRights, MemoryMarshal.AsBytes(numbers.AsSpan()).ToArray()),
            ],
            Linux);
            return numbers.SequenceEqual(Owned(control));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Parts_of_any_bytes_at_all_are_read()
    {
        Random random = new(9);
        for (int i = 0; i < 100_000; i++)
        {
            byte[] data = new byte[random.Next(40)];
            random.NextBytes(data);
            byte[] control = Write(
                [(Linux.SolSocket, random.Next(0, 40), data), (Linux.SolSocket, Linux.ScmTimestamp, data)], Linux);
            control[random.Next(control.Length)] ^= (byte)random.Next(256);
            Assert.True(Owned(control).Count <= control.Length / sizeof(int));
        }
    }

    // The numbers that would have been owned; they are none of this process's, so they are let go.
    private static List<int> Owned(byte[] control)
    {
        MessageParts parts = default;
        parts.ReadControl(control, Linux);
        List<int> numbers = [];
        foreach (SafeFileHandle handle in parts.Descriptors ?? [])
        {
            numbers.Add((int)handle.DangerousGetHandle());
            handle.SetHandleAsInvalid();
        }

        return numbers;
    }

    private static bool IsWithin(byte[] bytes, Abi abi)
    {
        int total = 0;
        foreach ((int _, int _, byte[] data) in Read(bytes, abi))
        {
            total += abi.Cmsg.Header + data.Length;
        }

        return total <= bytes.Length;
    }

    private static byte[] Write(IEnumerable<(int Level, int Type, byte[] Data)> messages, Abi abi)
    {
        List<byte> all = [];
        foreach ((int level, int type, byte[] data) in messages)
        {
            byte[] control = new byte[abi.Cmsg.Space(data.Length)];
            Assert.Equal(control.Length, ControlMessages.Write(control, abi.Cmsg, level, type, data));
            all.AddRange(control);
        }

        return [.. all];
    }

    private static List<(int Level, int Type, byte[] Data)> Read(byte[] control, Abi abi)
    {
        List<(int, int, byte[])> messages = [];
        ControlReader reader = new(control, abi.Cmsg);
        while (reader.MoveNext())
        {
            messages.Add((reader.Level, reader.Type, reader.Data.ToArray()));
        }

        return messages;
    }

    private sealed class Same : IEqualityComparer<(int Level, int Type, byte[] Data)>
    {
        internal static readonly Same Instance = new();

        public bool Equals((int Level, int Type, byte[] Data) x, (int Level, int Type, byte[] Data) y) =>
            x.Level == y.Level && x.Type == y.Type && x.Data.AsSpan().SequenceEqual(y.Data);

        public int GetHashCode((int Level, int Type, byte[] Data) it) => it.Level;
    }
}
