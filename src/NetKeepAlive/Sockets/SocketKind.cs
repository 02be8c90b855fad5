using System;
using System.Net.Sockets;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Errors;
using NetKeepAlive.Interop;
using NetKeepAlive.Options;

namespace NetKeepAlive.Sockets;

/// <summary>What a descriptor is: family, type, and whether it listens.</summary>
internal readonly record struct SocketKind(AddressFamily Family, SocketType Type, bool IsListening)
{
    /// <summary>Asks the kernel.</summary>
    /// <exception cref="NativeSocketException"><c>ENOTSOCK</c>: it is no socket.</exception>
    internal static SocketKind Of(SafeSocketHandle handle)
    {
        Abi abi = Abi.Current;
        Span<byte> name = stackalloc byte[SockAddr.MaximumSize];
        int family = SockAddr.Family(name[..Libc.GetSockName(handle, name)], abi);
        int type = SocketOptions.SocketType.Get(handle);
        bool listening = abi.IsListening(handle);
        return new SocketKind(
            family == abi.AfUnix ? AddressFamily.Unix
                : family == abi.AfInet ? AddressFamily.InterNetwork
                : family == abi.AfInet6 ? AddressFamily.InterNetworkV6
                : AddressFamily.Unknown,
            type == abi.SockStream ? SocketType.Stream
                : type == abi.SockSeqpacket ? SocketType.Seqpacket
                : type == abi.SockDgram ? SocketType.Dgram
                : SocketType.Unknown,
            listening);
    }

    /// <summary>Makes the object of this kind.</summary>
    /// <exception cref="NotASocketException">There is none for this kind.</exception>
    internal NetSocket CreateSocket(SafeSocketHandle handle, SocketOrigin? origin) => this switch
    {
        { IsListening: true } => throw NotASocketException.Saying(
            $"It is a listener, which carries no data: {Remedies.Accept}."),
        { Type: SocketType.Stream, Family: not AddressFamily.Unknown } => new StreamSocket(handle, this, origin),
        { Type: SocketType.Seqpacket, Family: AddressFamily.Unix } => new SeqpacketSocket(handle, this, origin),
        { Type: SocketType.Dgram, Family: AddressFamily.Unix } => new UnixDatagramSocket(handle, this, origin),
        _ => throw NotASocketException.Saying(
            $"A socket of the family {Family} and the type {Type} is none of this module's kinds: TCP, Unix stream, "
            + "Unix datagram and seqpacket."),
    };

    /// <summary>Makes the object for a descriptor that was received or imported: <see cref="NetSocket"/>,
    /// <see cref="SocketListener"/>, or <see cref="Socket"/> for kinds like UDP.</summary>
    internal object CreateAny(SafeSocketHandle handle) => this switch
    {
        { IsListening: true, Family: not AddressFamily.Unknown } => SocketListener.FromHandle(handle),
        { Type: SocketType.Dgram, Family: AddressFamily.InterNetwork or AddressFamily.InterNetworkV6 }
            => new Socket(handle),
        _ => CreateSocket(handle, origin: null),
    };
}
