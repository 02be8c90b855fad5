using System;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop.Darwin;

/// <summary>
/// What libproc tells of a socket: <c>struct socket_fdinfo</c> of xnu <c>bsd/sys/proc_info.h</c>,
/// a <c>proc_fileinfo</c> of 24 bytes and a <c>socket_info</c>, which begins with a <c>vinfo_stat</c> of 136. It is the
/// one way to know whether a socket listens: SO_ACCEPTCONN cannot be read (<c>bsd/kern/uipc_socket.c</c>,
/// <c>sogetoptlock</c>).
/// </summary>
internal static class SocketFdInfo
{
    internal const int Size = 792;
    internal const int Options = 188; // soi_options
    internal const int Kind = 256; // soi_kind
    internal const int KindInternet = 1; // SOCKINFO_IN
    internal const int KindTcp = 2; // SOCKINFO_TCP, which begins with the same
    internal const int Protocol = 180; // soi_protocol
    internal const int RemotePort = 264; // insi_fport, an int; in network order, as the addresses are
    internal const int LocalPort = 268; // insi_lport
    internal const int Versions = 288; // insi_vflag
    internal const int RemoteAddress = 296; // insi_faddr; one of IPv4 is in the last four bytes of sixteen
    internal const int LocalAddress = 312; // insi_laddr
    private const int VersionFour = 1; // INI_IPV4
    internal const short AcceptsConnections = 0x0002; // SO_ACCEPTCONN of bsd/sys/socket.h

    /// <summary>Does the socket listen?</summary>
    /// <exception cref="NativeSocketException"><c>ENOTSOCK</c>: it is no socket.</exception>
    internal static bool IsListening(SafeHandle socket)
    {
        Span<byte> info = stackalloc byte[Size];
        Libc.ProcPidFdInfo(socket, info);
        return IsListening(info);
    }

    /// <summary>What it says of a TCP or UDP socket; null of any other. A socket for both versions of IP is one of IPv4
    /// here, as .NET lists it.</summary>
    internal static ProcessSocket? Decode(ReadOnlySpan<byte> info, int descriptor)
    {
        int kind = MemoryMarshal.Read<int>(info[Kind..]);
        if (kind is not KindTcp
            && (kind is not KindInternet || MemoryMarshal.Read<int>(info[Protocol..]) != (int)ProtocolType.Udp))
        {
            return null;
        }

        bool isFour = (info[Versions] & VersionFour) != 0;
        return new ProcessSocket(
            descriptor, kind is KindTcp, EndPoint(info, LocalAddress, LocalPort, isFour),
            EndPoint(info, RemoteAddress, RemotePort, isFour));
    }

    private static IPEndPoint EndPoint(ReadOnlySpan<byte> info, int address, int port, bool isFour) => new(
        new IPAddress(isFour ? info.Slice(address + 12, 4) : info.Slice(address, 16)),
        BinaryPrimitives.ReadUInt16BigEndian(info[port..]));

    /// <summary>Reads it from the structure.</summary>
    internal static bool IsListening(ReadOnlySpan<byte> info) =>
        (MemoryMarshal.Read<short>(info[Options..]) & AcceptsConnections) != 0;
}
