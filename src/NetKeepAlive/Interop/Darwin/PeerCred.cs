using System;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop.Darwin;

/// <summary>Who connected a Unix socket on macOS: LOCAL_PEERCRED and LOCAL_PEERPID of xnu
/// <c>bsd/sys/un.h</c>.</summary>
internal static class PeerCred
{
    private const int SolLocal = 0;
    private const int LocalPeerCred = 0x001;
    private const int LocalPeerPid = 0x002;

    // struct xucred of bsd/sys/ucred.h: u_int version, uid_t, short ngroups, gid_t groups[16].
    private const int XucredSize = 76;
    private const int UserOffset = 4;
    private const int GroupCountOffset = 8;
    private const int GroupsOffset = 12;

    /// <summary>Asks the kernel.</summary>
    /// <exception cref="NativeSocketException"><c>ENOTCONN</c>: there is no peer.</exception>
    internal static PeerCredential Get(SafeHandle socket)
    {
        using HeldDescriptor descriptor = new(socket);
        Span<byte> credential = stackalloc byte[XucredSize];
        Libc.GetSockOpt(descriptor, SolLocal, LocalPeerCred, credential, "LOCAL_PEERCRED");
        Span<byte> process = stackalloc byte[sizeof(int)];
        Libc.GetSockOpt(descriptor, SolLocal, LocalPeerPid, process, "LOCAL_PEERPID");
        return Decode(credential, MemoryMarshal.Read<int>(process));
    }

    /// <summary>Reads a <c>struct xucred</c>; its first group is the effective one.</summary>
    internal static PeerCredential Decode(ReadOnlySpan<byte> xucred, int processId) => new(
        processId,
        MemoryMarshal.Read<uint>(xucred[UserOffset..]),
        MemoryMarshal.Read<short>(xucred[GroupCountOffset..]) > 0
            ? MemoryMarshal.Read<uint>(xucred[GroupsOffset..])
            : uint.MaxValue);
}
