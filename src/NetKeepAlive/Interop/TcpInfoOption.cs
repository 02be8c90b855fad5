using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using NetKeepAlive.Interop.Netlink;

namespace NetKeepAlive.Interop;

/// <summary>The option by which a kernel gives its statistics of a TCP connection.</summary>
/// <param name="Number">Its number, of the level IPPROTO_TCP.</param>
/// <param name="Constant">Its name.</param>
/// <param name="ToTcpInfo">Puts what it gives into the layout of Linux's <c>struct tcp_info</c>.</param>
/// <param name="Told">The fields of that structure which it tells; null is all that there is room for.</param>
/// <param name="SendQueue">The bytes written and not acknowledged, where it tells them.</param>
internal sealed record TcpInfoOption(
    int Number, string Constant, Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> ToTcpInfo, IReadOnlySet<int>? Told,
    Func<byte[], long?> SendQueue)
{
    /// <summary>Asks for the statistics of a connection, in the layout of Linux.</summary>
    /// <exception cref="NativeSocketException">Not a TCP socket.</exception>
    internal ReadOnlyMemory<byte> Read(SafeHandle socket, out long? sendQueue)
    {
        using HeldDescriptor descriptor = new(socket);
        byte[] bytes = new byte[TcpInfoLayout.BufferSize];
        int length = Libc.GetSockOpt(descriptor, NetlinkAbi.ProtocolTcp, Number, bytes, Constant);
        sendQueue = SendQueue(bytes);
        return ToTcpInfo(bytes.AsMemory(0, length));
    }
}
