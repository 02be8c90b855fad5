using System;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using NetKeepAlive.Interop;

namespace NetKeepAlive.Options;

/// <summary>An option with its value's type: <c>SocketOptions.KeepAliveInterval.Get(socket)</c>.</summary>
internal sealed class SocketOption<T> : SocketOption
{
    private readonly Row? _linux;
    private readonly Row? _darwin;
    private readonly Row? _here;
    private readonly int _level;
    private readonly string _target;

    internal SocketOption(string name, SocketOptionLevel level, SocketOptionAccess access, Row? linux, Row? darwin)
        : base(name, level, access, typeof(T))
    {
        _linux = linux;
        _darwin = darwin;
        _here = On(CurrentPlatform.Value);
        _level = LevelNumber(level, CurrentPlatform.Value);
        _target = _here is null ? name : $"{_here.Constant} ({name})";
    }

    /// <summary>The values that the kernel takes, in words, for where it refuses one; null where it takes
    /// all.</summary>
    internal string? Accepted { get; init; }

    /// <summary>What to look at where the kernel does not know the name that was set; null where the value is no
    /// name.</summary>
    internal string? Names { get; init; }

    /// <summary>What the option is on one platform.</summary>
    internal sealed record Row(int Number, string Constant, OptionCodec<T> Codec);

    /// <summary>Reads the option.</summary>
    /// <exception cref="PlatformNotSupportedException">This platform lacks it.</exception>
    /// <exception cref="NativeSocketException">The kernel refused.</exception>
    internal T Get(SafeHandle socket)
    {
        using HeldDescriptor descriptor = new(socket);
        return Get(descriptor);
    }

    /// <inheritdoc cref="Get(SafeHandle)"/>
    internal T Get(HeldDescriptor socket)
    {
        Row row = Here();
        if (Level is not SocketOptionLevel.Socket && !Abi.Current.UnixSocketsHaveLevels)
        {
            UnixLevel.Check(socket, _target);
        }

        OptionBytes room = default;
        Span<byte> bytes = room.Span;
        int length = Libc.GetSockOpt(socket, _level, row.Number, bytes[..row.Codec.Size], _target);
        return row.Codec.Decode(bytes[..length]);
    }

    /// <summary>Sets the option.</summary>
    /// <exception cref="PlatformNotSupportedException">This platform lacks it.</exception>
    /// <exception cref="NativeSocketException">The kernel refused.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The value does not fit the option.</exception>
    internal void Set(SafeHandle socket, T value)
    {
        using HeldDescriptor descriptor = new(socket);
        try
        {
            Set(descriptor, value);
        }
        catch (ArgumentOutOfRangeException unfit)
        {
            throw new ArgumentOutOfRangeException(null, $"{Name}: {unfit.Message}");
        }
        catch (NativeSocketException refused) when (Accepted is not null && refused.Is(Errno.EINVAL))
        {
            throw refused.WithTarget(
                _target,
                $"The accepted range is {Accepted}."
                + (Abi.Current.EndedSocketsTakeOptions ? null : " A connection that has ended takes no options."));
        }
        catch (NativeSocketException refused) when (Advice(refused) is { } advice)
        {
            throw refused.WithTarget(_target, advice);
        }
    }

    /// <summary>Sets the option to a value that has been checked.</summary>
    internal void Set(HeldDescriptor socket, T value)
    {
        Row row = Here();
        OptionBytes room = default;
        Span<byte> bytes = room.Span;
        int length = row.Codec.Encode(value, bytes);
        Libc.SetSockOpt(socket, _level, row.Number, bytes[..length], _target);
    }

    private string? Advice(NativeSocketException refused) => refused.Errno switch
    {
        nameof(Errno.ENOBUFS) => "The system's limit of a buffer is the sysctl kern.ipc.maxsockbuf.",
        nameof(Errno.EPERM) => "This value takes root, or the capability CAP_NET_ADMIN.",
        nameof(Errno.ENOENT) or nameof(Errno.ENODEV) when Names is not null =>
            $"There is none of that name: {Names} lists them.",
        _ => null,
    };

    /// <inheritdoc/>
    internal override int? NumberOn(Platform platform) => On(platform)?.Number;

    /// <inheritdoc/>
    internal override string? ConstantOn(Platform platform) => On(platform)?.Constant;

    /// <inheritdoc/>
    internal override object? GetValue(SafeHandle socket) => Get(socket);

    /// <inheritdoc/>
    internal override void SetValue(SafeHandle socket, object? value) => Set(socket, (T)value!);

    /// <inheritdoc/>
    internal override string Describe(object? value)
    {
        if (value is not TimeSpan asked || _here is null)
        {
            return VisibleText.Brief($"{value ?? "off"}");
        }

        try
        {
            OptionBytes room = default;
            int length = _here.Codec.Encode((T)value, room.Span);
            return Duration.Format((TimeSpan)(object)_here.Codec.Decode(room.Span[..length])!, asked);
        }
        catch (ArgumentOutOfRangeException)
        {
            return Duration.Format(asked);
        }
    }

    /// <summary>What the option is on a platform, for tests of what cannot run here.</summary>
    internal Row? On(Platform platform) => platform switch
    {
        Platform.Linux => _linux,
        Platform.Darwin => _darwin,
        _ => null,
    };

    private Row Here() => _here
        ?? throw CurrentPlatform.NotSupported($"The socket option {Name}", CurrentPlatform.Value);
}
