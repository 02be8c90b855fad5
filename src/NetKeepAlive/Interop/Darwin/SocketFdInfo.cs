using System;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop.Darwin;

/// <summary>
/// What libproc tells of a descriptor of this process: <c>struct socket_fdinfo</c> of xnu <c>bsd/sys/proc_info.h</c>,
/// a <c>proc_fileinfo</c> of 24 bytes and a <c>socket_info</c>, which begins with a <c>vinfo_stat</c> of 136. It is the
/// one way to know whether a socket listens: SO_ACCEPTCONN cannot be read (<c>bsd/kern/uipc_socket.c</c>,
/// <c>sogetoptlock</c>).
/// </summary>
internal static class SocketFdInfo
{
    internal const int Size = 792;
    internal const int Options = 188; // soi_options
    internal const short AcceptsConnections = 0x0002; // SO_ACCEPTCONN of bsd/sys/socket.h

    /// <summary>Does the socket listen?</summary>
    /// <exception cref="NativeSocketException"><c>ENOTSOCK</c>: it is no socket.</exception>
    internal static bool IsListening(SafeHandle socket)
    {
        Span<byte> info = stackalloc byte[Size];
        Libc.ProcPidFdInfo(socket, info);
        return IsListening(info);
    }

    /// <summary>Reads it from the structure.</summary>
    internal static bool IsListening(ReadOnlySpan<byte> info) =>
        (MemoryMarshal.Read<short>(info[Options..]) & AcceptsConnections) != 0;
}
