using System;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop.Netlink;

/// <summary>Builds sock_diag requests: a netlink header, <c>struct inet_diag_req_v2</c>, and the filter's
/// bytecode.</summary>
internal static class DiagRequest
{
    /// <summary>Asks for every socket of a family in some states that a filter lets through.</summary>
    /// <param name="protocol">TCP or UDP.</param>
    /// <param name="isIPv6">The family: the kernel has a table for each.</param>
    /// <param name="states">A bit for each of the kernel's states.</param>
    /// <param name="bytecode">The filter; empty lets all through.</param>
    /// <param name="sequence">What the answer is told by.</param>
    internal static byte[] Dump(
        int protocol, bool isIPv6, uint states, ReadOnlySpan<byte> bytecode, uint sequence)
    {
        byte[] request = Make(
            NetlinkAbi.SockDiagByFamily, NetlinkAbi.FlagDump, protocol, isIPv6, states, default, bytecode, sequence);
        // "Any socket": a cookie of all ones is INET_DIAG_NOCOOKIE.
        request.AsSpan(NetlinkAbi.HeaderSize + NetlinkAbi.RequestId + NetlinkAbi.IdCookie, sizeof(ulong)).Fill(0xff);
        return request;
    }

    /// <summary>Asks for one socket.</summary>
    internal static byte[] Get(bool isIPv6, in SocketIdentity identity, uint sequence) => Make(
        NetlinkAbi.SockDiagByFamily, 0, NetlinkAbi.ProtocolTcp, isIPv6, uint.MaxValue, identity, default, sequence);

    /// <summary>Has the kernel end one connection.</summary>
    internal static byte[] Destroy(bool isIPv6, in SocketIdentity identity, uint sequence) => Make(
        NetlinkAbi.SockDestroy, NetlinkAbi.FlagAck, NetlinkAbi.ProtocolTcp, isIPv6, uint.MaxValue, identity, default, sequence);

    /// <summary>Asks for every Unix socket in some states, with its name, its peer, its queues and its user.</summary>
    internal static byte[] DumpUnix(uint states, uint sequence)
    {
        byte[] request = new byte[NetlinkAbi.HeaderSize + NetlinkAbi.UnixRequestSize];
        WriteHeader(request, NetlinkAbi.SockDiagByFamily, NetlinkAbi.FlagDump, sequence);
        Span<byte> body = request.AsSpan(NetlinkAbi.HeaderSize);
        body[0] = (byte)Abi.Current.AfUnix;
        MemoryMarshal.Write(body[NetlinkAbi.UnixRequestStates..], states);
        MemoryMarshal.Write(
            body[NetlinkAbi.UnixRequestShow..],
            NetlinkAbi.UnixShowName | NetlinkAbi.UnixShowPeer | NetlinkAbi.UnixShowConnecting
                | NetlinkAbi.UnixShowQueues | NetlinkAbi.UnixShowUser);
        body[NetlinkAbi.UnixRequestCookie..].Fill(0xff);
        return request;
    }

    private static byte[] Make(
        ushort type, ushort flags, int protocol, bool isIPv6, uint states, in SocketIdentity identity,
        ReadOnlySpan<byte> bytecode, uint sequence)
    {
        const int FixedSize = NetlinkAbi.HeaderSize + NetlinkAbi.RequestSize;
        int size = bytecode.IsEmpty
            ? FixedSize
            : FixedSize + NetlinkAbi.AttributeHeaderSize + NetlinkAbi.Align(bytecode.Length);
        byte[] request = new byte[size];
        WriteHeader(request, type, flags, sequence);
        Span<byte> body = request.AsSpan(NetlinkAbi.HeaderSize);
        body[0] = (byte)(isIPv6 ? Abi.Current.AfInet6 : Abi.Current.AfInet);
        body[NetlinkAbi.RequestProtocol] = (byte)protocol;
        body[NetlinkAbi.RequestExtensions] = protocol == NetlinkAbi.ProtocolTcp
            ? (byte)(1 << (NetlinkAbi.ExtensionInfo - 1))
            : (byte)(1 << (NetlinkAbi.ExtensionMemory - 1));
        MemoryMarshal.Write(body[NetlinkAbi.RequestStates..], states);
        identity.Write(body[NetlinkAbi.RequestId..]);
        if (!bytecode.IsEmpty)
        {
            Span<byte> attribute = body[NetlinkAbi.RequestSize..];
            MemoryMarshal.Write(attribute, (ushort)(NetlinkAbi.AttributeHeaderSize + bytecode.Length));
            MemoryMarshal.Write(attribute[2..], NetlinkAbi.RequestBytecode);
            bytecode.CopyTo(attribute[NetlinkAbi.AttributeHeaderSize..]);
        }

        return request;
    }

    private static void WriteHeader(Span<byte> request, ushort type, ushort flags, uint sequence)
    {
        MemoryMarshal.Write(request, (uint)request.Length);
        MemoryMarshal.Write(request[NetlinkAbi.HeaderType..], type);
        MemoryMarshal.Write(request[NetlinkAbi.HeaderFlags..], (ushort)(NetlinkAbi.FlagRequest | flags));
        MemoryMarshal.Write(request[NetlinkAbi.HeaderSequence..], sequence);
    }
}
