using System;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using NetKeepAlive.Interop;

namespace NetKeepAlive;

/// <summary>What may be done with a socket option.</summary>
public enum SocketOptionAccess
{
    /// <summary>It can be read and set.</summary>
    ReadWrite,

    /// <summary>The kernel tells it; it cannot be set.</summary>
    ReadOnly,

    /// <summary>It can be set; the kernel does not tell it.</summary>
    WriteOnly,
}

/// <summary>One row of the option table: a portable concept, and what it is called and numbered where.</summary>
public abstract class SocketOption
{
    private protected SocketOption(string name, SocketOptionLevel level, SocketOptionAccess access, Type valueType)
    {
        Name = name;
        Level = level;
        Access = access;
        ClrType = valueType;
    }

    /// <summary>The concept's name, the same on every platform: <c>KeepAliveInterval</c>.</summary>
    public string Name { get; }

    /// <summary>The level it belongs to: <c>Socket</c>, <c>IP</c>, <c>IPv6</c> or <c>Tcp</c>.</summary>
    public SocketOptionLevel Level { get; }

    /// <summary>May it be read, set, or both?</summary>
    public SocketOptionAccess Access { get; }

    /// <summary>The full name of its value's type: <c>System.TimeSpan</c>. A nullable duration is off when
    /// null.</summary>
    public string ValueType => ClrType.ToString();

    /// <summary>The type of its value.</summary>
    internal Type ClrType { get; }

    /// <summary>The constant's name in this platform's headers: <c>TCP_KEEPINTVL</c>; null where there is
    /// none.</summary>
    public string? Constant => ConstantOn(CurrentPlatform.Value);

    /// <summary>The option's number on this platform; null where there is none.</summary>
    public int? Number => NumberOn(CurrentPlatform.Value);

    /// <summary>The option's number on Linux; null where it lacks the option.</summary>
    public int? LinuxNumber => NumberOn(Platform.Linux);

    /// <summary>The option's number on macOS; null where it lacks the option.</summary>
    public int? DarwinNumber => NumberOn(Platform.Darwin);

    /// <summary>The option's number on a platform; null where it lacks the option.</summary>
    internal abstract int? NumberOn(Platform platform);

    /// <summary>The constant's name on a platform; null where it lacks the option.</summary>
    internal abstract string? ConstantOn(Platform platform);

    /// <summary>Reads the option of a socket; the type is <see cref="ClrType"/>.</summary>
    internal abstract object? GetValue(SafeHandle socket);

    /// <summary>Sets the option of a socket; the value has the type <see cref="ClrType"/>.</summary>
    internal abstract void SetValue(SafeHandle socket, object? value);

    /// <summary>A value in words, as the kernel gets it: a duration in the option's unit.</summary>
    internal abstract string Describe(object? value);

    /// <summary>The number of a level in setsockopt(2).</summary>
    internal static int LevelNumber(SocketOptionLevel level, Platform platform) =>
        level is SocketOptionLevel.Socket ? (platform is Platform.Darwin ? 0xffff : 1) : (int)level;

    /// <summary>The option's name.</summary>
    public override string ToString() => Name;
}
