using System;
using System.IO;
using System.Text;
using NetKeepAlive.Interop;

namespace NetKeepAlive;

/// <summary>The address of a Unix socket: a path, or a name in Linux's abstract namespace (unix(7)).</summary>
public sealed class UnixAddress : IEquatable<UnixAddress>
{
    private readonly byte[] _name;

    private UnixAddress(byte[] name, string? path, string? abstractName)
    {
        _name = name;
        Path = path;
        AbstractName = abstractName;
    }

    /// <summary>The path; null for an abstract name.</summary>
    public string? Path { get; }

    /// <summary>The abstract name, without the leading zero byte; null for a path.</summary>
    public string? AbstractName { get; }

    /// <summary>The path, or <c>@name</c> for an abstract name, as it is.</summary>
    internal string Name => Path ?? "@" + AbstractName;

    /// <summary>The bytes of the <c>sockaddr_un</c> on this platform.</summary>
    internal ReadOnlySpan<byte> SockAddr => _name;

    /// <summary>The address of a path.</summary>
    /// <exception cref="PathTooLongException">Longer than <c>sun_path</c> can hold: 107 bytes on Linux, 103 on
    /// macOS.</exception>
    /// <exception cref="ArgumentException">Empty, or with a zero byte in it.</exception>
    public static UnixAddress FromPath(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new UnixAddress(EncodePath(path, Abi.Current), path, null);
    }

    /// <summary>The address of an abstract name.</summary>
    /// <exception cref="PlatformNotSupportedException">Not Linux.</exception>
    /// <exception cref="PathTooLongException">Longer than 107 bytes.</exception>
    /// <exception cref="ArgumentException">Empty.</exception>
    public static UnixAddress FromAbstractName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new UnixAddress(EncodeAbstract(name, Abi.Current), null, name);
    }

    /// <summary>The bytes of a path's <c>sockaddr_un</c> on a platform, with its terminating zero.</summary>
    internal static byte[] EncodePath(string path, Abi abi)
    {
        int length = Encoding.UTF8.GetByteCount(path);
        int maximum = abi.SockAddrUn.MaximumPathLength;
        if (length > maximum)
        {
            throw new PathTooLongException(
                $"The path of a Unix socket has at most {maximum} bytes on {CurrentPlatform.Name(abi.Platform)}; "
                + $"'{VisibleText.Brief(path)}' has {length}. Use a shorter path.");
        }

        if (path.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException("A path holds no zero character.", nameof(path));
        }

        byte[] bytes = new byte[SockAddrUnLayout.PathOffset + length + 1];
        Interop.SockAddr.WriteFamily(bytes, abi.AfUnix, bytes.Length, abi);
        Encoding.UTF8.GetBytes(path, bytes.AsSpan(SockAddrUnLayout.PathOffset));
        return bytes;
    }

    /// <summary>The bytes of an abstract name's <c>sockaddr_un</c>; its length ends it, not a zero.</summary>
    internal static byte[] EncodeAbstract(string name, Abi abi)
    {
        abi.RequireAbstractNames();
        int length = Encoding.UTF8.GetByteCount(name);
        int maximum = abi.SockAddrUn.MaximumPathLength;
        if (length > maximum)
        {
            throw new PathTooLongException(
                $"An abstract name has at most {maximum} bytes; '{VisibleText.Brief(name)}' has {length}. Use a shorter "
                + "name.");
        }

        byte[] bytes = new byte[SockAddrUnLayout.PathOffset + 1 + length];
        Interop.SockAddr.WriteFamily(bytes, abi.AfUnix, bytes.Length, abi);
        Encoding.UTF8.GetBytes(name, bytes.AsSpan(SockAddrUnLayout.PathOffset + 1));
        return bytes;
    }

    /// <summary>Reads what the kernel wrote; null for a socket without a name.</summary>
    internal static UnixAddress? Decode(ReadOnlySpan<byte> address, Abi abi)
    {
        if (address.Length <= SockAddrUnLayout.PathOffset || Interop.SockAddr.Family(address, abi) != abi.AfUnix)
        {
            return null;
        }

        ReadOnlySpan<byte> name = address[SockAddrUnLayout.PathOffset..];
        if (name[0] == 0)
        {
            // macOS fills unnamed addresses with zeros; only Linux has abstract names.
            return abi.HasAbstractNames && name.Length > 1
                ? new UnixAddress(address.ToArray(), null, Encoding.UTF8.GetString(name[1..]))
                : null;
        }

        int end = name.IndexOf((byte)0);
        return new UnixAddress(address.ToArray(), Encoding.UTF8.GetString(end < 0 ? name : name[..end]), null);
    }

    /// <inheritdoc/>
    public bool Equals(UnixAddress? other) => other is not null && _name.AsSpan().SequenceEqual(other._name);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as UnixAddress);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(_name);
        return hash.ToHashCode();
    }

    /// <summary>The path, or <c>@name</c> for an abstract name, with what would steer the terminal as escapes.</summary>
    public override string ToString() => VisibleText.Escape(Name);
}
