using System;
using System.Runtime.InteropServices;
using NetKeepAlive.Options;

namespace NetKeepAlive.Policies;

/// <summary>The settings that a policy can name; their bits in its map.</summary>
[Flags]
internal enum PolicyKnob
{
    IdleTime = 1,
    Interval = 2,
    ProbeCount = 4,
    UserTimeout = 8,
}

/// <summary>
/// What a policy sets, and how many live connections were set when it was made: the value of a hash map of one. A hash
/// map replaces a value as a whole, so a connection sees the settings from before a change or from after it, never some
/// of each; and a policy without the value sets nothing.
/// </summary>
internal readonly record struct PolicySettings(TcpKeepAlive KeepAlive, long Existing = 0, long ExistingFailures = 0)
{
    internal const int Size = 40;
    internal const int NamedOffset = 0;
    internal const int OnOffset = 4;
    internal const int IdleTimeOffset = 8;
    internal const int IntervalOffset = 12;
    internal const int ProbeCountOffset = 16;
    internal const int UserTimeoutOffset = 20;
    private const int ExistingOffset = 24;
    private const int ExistingFailuresOffset = 32;

    /// <summary>Reads the value.</summary>
    internal static PolicySettings Read(ReadOnlySpan<byte> value)
    {
        PolicyKnob named = (PolicyKnob)MemoryMarshal.Read<int>(value);
        return new PolicySettings(
            new TcpKeepAlive
            {
                Enabled = true,
                IdleTime = Read(value, named, PolicyKnob.IdleTime, OptionCodecs.Seconds, IdleTimeOffset),
                Interval = Read(value, named, PolicyKnob.Interval, OptionCodecs.Seconds, IntervalOffset),
                ProbeCount = Read(value, named, PolicyKnob.ProbeCount, OptionCodecs.Integer, ProbeCountOffset),
                UserTimeout = Read(value, named, PolicyKnob.UserTimeout, OptionCodecs.Milliseconds, UserTimeoutOffset),
            },
            MemoryMarshal.Read<long>(value[ExistingOffset..]),
            MemoryMarshal.Read<long>(value[ExistingFailuresOffset..]));
    }

    /// <summary>Writes the value.</summary>
    internal byte[] ToBytes()
    {
        byte[] value = new byte[Size];
        PolicyKnob named = Write(value, PolicyKnob.IdleTime, KeepAlive.IdleTime, OptionCodecs.Seconds, IdleTimeOffset)
            | Write(value, PolicyKnob.Interval, KeepAlive.Interval, OptionCodecs.Seconds, IntervalOffset)
            | Write(value, PolicyKnob.ProbeCount, KeepAlive.ProbeCount, OptionCodecs.Integer, ProbeCountOffset)
            | Write(value, PolicyKnob.UserTimeout, KeepAlive.UserTimeout, OptionCodecs.Milliseconds, UserTimeoutOffset);
        MemoryMarshal.Write(value.AsSpan(NamedOffset), (int)named);
        MemoryMarshal.Write(value.AsSpan(OnOffset), 1);
        MemoryMarshal.Write(value.AsSpan(ExistingOffset), Existing);
        MemoryMarshal.Write(value.AsSpan(ExistingFailuresOffset), ExistingFailures);
        return value;
    }

    /// <summary>These settings with those that another names.</summary>
    internal PolicySettings With(TcpKeepAlive named) => this with
    {
        KeepAlive = new TcpKeepAlive
        {
            Enabled = true,
            IdleTime = named.IdleTime ?? KeepAlive.IdleTime,
            Interval = named.Interval ?? KeepAlive.Interval,
            ProbeCount = named.ProbeCount ?? KeepAlive.ProbeCount,
            UserTimeout = named.UserTimeout ?? KeepAlive.UserTimeout,
        },
    };

    private static T? Read<T>(
        ReadOnlySpan<byte> value, PolicyKnob named, PolicyKnob knob, OptionCodec<T> codec, int offset)
        where T : struct => (named & knob) != 0 ? codec.Decode(value[offset..]) : null;

    private static PolicyKnob Write<T>(byte[] value, PolicyKnob knob, T? setting, OptionCodec<T> codec, int offset)
        where T : struct
    {
        if (setting is not { } named)
        {
            return 0;
        }

        codec.Encode(named, value.AsSpan(offset));
        return knob;
    }
}
