using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;
using NetKeepAlive.Interop;

namespace NetKeepAlive.Options;

/// <summary>Room for the bytes of any option's value.</summary>
internal struct OptionBytes
{
    private UInt128 _bytes;

    /// <summary>All 16 of them.</summary>
    [UnscopedRef]
    internal Span<byte> Span => MemoryMarshal.AsBytes(new Span<UInt128>(ref _bytes));
}

/// <summary>How an option's value is laid out in the bytes of getsockopt(2) and setsockopt(2).</summary>
internal abstract class OptionCodec<T>
{
    /// <summary>How many bytes the value takes at the most.</summary>
    internal abstract int Size { get; }

    /// <summary>Reads the value from what the kernel wrote.</summary>
    internal abstract T Decode(ReadOnlySpan<byte> bytes);

    /// <summary>Writes the value; returns how many bytes it takes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value does not fit.</exception>
    internal abstract int Encode(T value, Span<byte> bytes);
}

/// <summary>The codecs that the option table uses.</summary>
internal static class OptionCodecs
{
    internal static readonly OptionCodec<bool> Flag = new BooleanCodec();
    internal static readonly OptionCodec<int> Integer = new Int32Codec();
    internal static readonly OptionCodec<TimeSpan> Seconds = new DurationCodec(TimeSpan.TicksPerSecond);

    // macOS multiplies by TCP_RETRANSHZ, 1000, into 32 bits (bsd/netinet/tcp_usrreq.c, TCP_RXT_CONNDROPTIME).
    internal static readonly OptionCodec<TimeSpan> MillisecondsInSeconds =
        new DurationCodec(TimeSpan.TicksPerSecond, maximum: (int)(uint.MaxValue / 1000));
    internal static readonly OptionCodec<TimeSpan> Milliseconds = new DurationCodec(TimeSpan.TicksPerMillisecond);
    internal static readonly OptionCodec<TimeSpan> Microseconds = new DurationCodec(TimeSpan.TicksPerMicrosecond);
    internal static readonly OptionCodec<TimeSpan?> Linger = new LingerCodec(Seconds);

    // macOS keeps so_linger, a short, in hundredths of a second (bsd/kern/uipc_socket.c, SO_LINGER_SEC).
    internal static readonly OptionCodec<TimeSpan?> ShortLinger =
        new LingerCodec(new DurationCodec(TimeSpan.TicksPerSecond, maximum: short.MaxValue / 100));
    internal static readonly OptionCodec<TimeSpan> Timeval = new TimevalCodec();
    internal static readonly OptionCodec<string> Text = new TextCodec();
    internal static readonly OptionCodec<PeerCredential> Credential = new CredentialCodec();

    private sealed class BooleanCodec : OptionCodec<bool>
    {
        internal override int Size => sizeof(int);

        internal override bool Decode(ReadOnlySpan<byte> bytes) => MemoryMarshal.Read<int>(bytes) != 0;

        internal override int Encode(bool value, Span<byte> bytes)
        {
            MemoryMarshal.Write(bytes, value ? 1 : 0);
            return sizeof(int);
        }
    }

    private sealed class Int32Codec : OptionCodec<int>
    {
        internal override int Size => sizeof(int);

        internal override int Decode(ReadOnlySpan<byte> bytes) => MemoryMarshal.Read<int>(bytes);

        internal override int Encode(int value, Span<byte> bytes)
        {
            MemoryMarshal.Write(bytes, value);
            return sizeof(int);
        }
    }

    private static ArgumentOutOfRangeException OutOfRange(TimeSpan value, TimeSpan maximum) => new(
        null, $"{Duration.Format(value)} is out of range: the accepted range is 0 s to {Duration.Format(maximum)}.");

    /// <summary>A duration as a whole number of units. What lies between two units rounds up: asked for 1.5 s of a
    /// kernel that counts seconds, one waits 2 s, never less than was asked.</summary>
    private sealed class DurationCodec(long ticksPerUnit, int maximum = int.MaxValue) : OptionCodec<TimeSpan>
    {
        internal override int Size => sizeof(int);

        internal override TimeSpan Decode(ReadOnlySpan<byte> bytes) =>
            TimeSpan.FromTicks(MemoryMarshal.Read<int>(bytes) * ticksPerUnit);

        internal override int Encode(TimeSpan value, Span<byte> bytes)
        {
            long units = Units(value, ticksPerUnit);
            if (units < 0 || units > maximum)
            {
                throw OutOfRange(value, TimeSpan.FromTicks(maximum * ticksPerUnit));
            }

            MemoryMarshal.Write(bytes, (int)units);
            return sizeof(int);
        }
    }

    /// <summary><c>struct linger</c>: null is off, zero makes close(2) reset the connection.</summary>
    private sealed class LingerCodec(OptionCodec<TimeSpan> seconds) : OptionCodec<TimeSpan?>
    {
        internal override int Size => 2 * sizeof(int);

        internal override TimeSpan? Decode(ReadOnlySpan<byte> bytes) =>
            MemoryMarshal.Read<int>(bytes) == 0
                ? null
                : TimeSpan.FromSeconds(MemoryMarshal.Read<int>(bytes[sizeof(int)..]));

        internal override int Encode(TimeSpan? value, Span<byte> bytes)
        {
            MemoryMarshal.Write(bytes, value is null ? 0 : 1);
            seconds.Encode(value ?? TimeSpan.Zero, bytes[sizeof(int)..]);
            return Size;
        }
    }

    /// <summary><c>struct timeval</c> with two 8-byte fields, as on every 64-bit Linux and macOS (whose microseconds
    /// are 4 bytes and padding).</summary>
    private sealed class TimevalCodec : OptionCodec<TimeSpan>
    {
        internal override int Size => 2 * sizeof(long);

        // Another process may have set more than a TimeSpan holds.
        internal override TimeSpan Decode(ReadOnlySpan<byte> bytes)
        {
            Int128 ticks = ((Int128)MemoryMarshal.Read<long>(bytes) * TimeSpan.TicksPerSecond)
                + (MemoryMarshal.Read<int>(bytes[sizeof(long)..]) * TimeSpan.TicksPerMicrosecond);
            return TimeSpan.FromTicks((long)Int128.Clamp(ticks, long.MinValue, long.MaxValue));
        }

        internal override int Encode(TimeSpan value, Span<byte> bytes)
        {
            if (value < TimeSpan.Zero)
            {
                throw OutOfRange(value, TimeSpan.MaxValue);
            }

            long microseconds = Units(value, TimeSpan.TicksPerMicrosecond);
            MemoryMarshal.Write(bytes, microseconds / 1_000_000);
            MemoryMarshal.Write(bytes[sizeof(long)..], microseconds % 1_000_000);
            return Size;
        }
    }

    /// <summary>A name of at most 15 bytes, zero-terminated: <c>TCP_CA_NAME_MAX</c> and <c>IFNAMSIZ</c> are
    /// 16.</summary>
    private sealed class TextCodec : OptionCodec<string>
    {
        internal override int Size => 16;

        internal override string Decode(ReadOnlySpan<byte> bytes)
        {
            int end = bytes.IndexOf((byte)0);
            return Encoding.ASCII.GetString(end < 0 ? bytes : bytes[..end]);
        }

        internal override int Encode(string value, Span<byte> bytes)
        {
            if (Encoding.UTF8.GetByteCount(value) >= Size)
            {
                throw new ArgumentOutOfRangeException(
                    null, $"'{VisibleText.Brief(value)}' is too long: the accepted length is 0 to {Size - 1} bytes.");
            }

            return Encoding.UTF8.GetBytes(value, bytes);
        }
    }

    /// <summary><c>struct ucred</c> of Linux: process, user and group, 4 bytes each.</summary>
    private sealed class CredentialCodec : OptionCodec<PeerCredential>
    {
        internal override int Size => PeerCredential.UcredSize;

        internal override PeerCredential Decode(ReadOnlySpan<byte> bytes) => PeerCredential.FromUcred(bytes);

        internal override int Encode(PeerCredential value, Span<byte> bytes) =>
            throw new NotSupportedException("The credentials of a peer are the kernel's to give.");
    }

    /// <summary>Whole units, rounded up (socket2 and Go round likewise: a timeout is never shorter than
    /// asked).</summary>
    internal static long Units(TimeSpan value, long ticksPerUnit)
    {
        (long units, long rest) = Math.DivRem(value.Ticks, ticksPerUnit);
        return rest > 0 ? units + 1 : units;
    }
}
