using System;
using System.Net;
using System.Runtime.InteropServices;
using NetKeepAlive.Interop;

namespace NetKeepAlive.Addresses;

/// <summary>The address of a socket or of its peer: Internet, Unix, or none at all.</summary>
internal sealed record SocketName(IPEndPoint? Ip, UnixAddress? Unix)
{
    /// <summary>A socket without a name.</summary>
    internal static readonly SocketName None = new(null, null);

    /// <summary>A Unix address; null is none.</summary>
    internal static SocketName Of(UnixAddress? address) => address is null ? None : new SocketName(null, address);

    /// <summary>What a <c>sockaddr</c> says.</summary>
    internal static SocketName Decode(ReadOnlySpan<byte> address)
    {
        Abi abi = Abi.Current;
        IPEndPoint? ip = Interop.SockAddr.DecodeIp(address, abi);
        return ip is null ? Of(UnixAddress.Decode(address, abi)) : new SocketName(ip, null);
    }

    /// <summary>A socket's own address.</summary>
    internal static SocketName Local(SafeHandle socket)
    {
        Span<byte> bytes = stackalloc byte[Interop.SockAddr.MaximumSize];
        return Decode(bytes[..Libc.GetSockName(socket, bytes)]);
    }

    /// <summary>The address of a socket's peer; null where it has none.</summary>
    internal static SocketName? Peer(SafeHandle socket)
    {
        Span<byte> bytes = stackalloc byte[Interop.SockAddr.MaximumSize];
        return Libc.GetPeerName(socket, bytes, out int length) ? Decode(bytes[..length]) : null;
    }

    /// <summary>As people write it: <c>127.0.0.1:80</c>, <c>[::1]:80</c>, <c>/run/x.sock</c>, <c>@name</c>, or
    /// nothing.</summary>
    public override string ToString() => Ip is null ? Unix?.ToString() ?? string.Empty : Text(Ip);

    /// <summary>The same of an object that is emitted: <c>unix:/run/x.sock</c>, <c>unix:@name</c>. A bare path would be taken
    /// for the path of a file where the object is handed on.</summary>
    internal string Label => Unix is null ? ToString() : $"unix:{Unix}";

    /// <summary>The Internet address; null of a Unix socket. An IPv4 peer of a listener for both families has an IPv4
    /// address, not <c>::ffff:a.b.c.d</c>.</summary>
    internal IPAddress? Address => Ip is null ? null : Plain(Ip.Address);

    /// <summary>An endpoint as people write it.</summary>
    internal static string Text(IPEndPoint endPoint) => new IPEndPoint(Plain(endPoint.Address), endPoint.Port).ToString();

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
