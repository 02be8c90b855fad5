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
    internal const int XucredSize = 76;
    private const int UserOffset = 4;
    private const int GroupCountOffset = 8;
    private const int GroupsOffset = 12;

    /// <summary>Asks the kernel. Of a peer that has closed it tells the user and the group alone: the process is the one
    /// that used the peer's socket last, and there is none any more.</summary>
    /// <exception cref="NativeSocketException"><c>ENOTCONN</c>: there is no peer.</exception>
    internal static PeerCredential Get(SafeHandle socket)
    {
        using HeldDescriptor descriptor = new(socket);
        Span<byte> credential = stackalloc byte[XucredSize];
        Libc.GetSockOpt(descriptor, SolLocal, LocalPeerCred, credential, "LOCAL_PEERCRED");
        return Decode(credential, GetProcess(descriptor));
    }

    private static int GetProcess(HeldDescriptor descriptor)
    {
        Span<byte> process = stackalloc byte[sizeof(int)];
        try
        {
            Libc.GetSockOpt(descriptor, SolLocal, LocalPeerPid, process, "LOCAL_PEERPID");
            return MemoryMarshal.Read<int>(process);
        }
        catch (NativeSocketException gone) when (gone.Is(Errno.ENOTCONN))
        {
            return 0;
        }
    }

    /// <summary>Reads a <c>struct xucred</c>; its first group is the effective one.</summary>
    internal static PeerCredential Decode(ReadOnlySpan<byte> xucred, int processId) => new(
        processId,
        MemoryMarshal.Read<uint>(xucred[UserOffset..]),
        MemoryMarshal.Read<short>(xucred[GroupCountOffset..]) > 0
            ? MemoryMarshal.Read<uint>(xucred[GroupsOffset..])
            : uint.MaxValue);
}
