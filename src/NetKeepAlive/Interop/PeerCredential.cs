using System;
using System.Runtime.InteropServices;

namespace NetKeepAlive;

/// <summary>Who is at the other end of a Unix socket: SO_PEERCRED and SCM_CREDENTIALS of unix(7).</summary>
/// <param name="OwningProcess">The peer's process; 0 where the kernel does not tell (another pid namespace).</param>
/// <param name="UserId">The peer's effective user.</param>
/// <param name="GroupId">The peer's effective group.</param>
public sealed record PeerCredential(int OwningProcess, uint UserId, uint GroupId)
{
    /// <summary>Size of <c>struct ucred</c> in bytes.</summary>
    internal const int UcredSize = 12;

    /// <summary>Reads a <c>struct ucred</c>.</summary>
    internal static PeerCredential FromUcred(ReadOnlySpan<byte> bytes) => new(
        MemoryMarshal.Read<int>(bytes),
        MemoryMarshal.Read<uint>(bytes[4..]),
        MemoryMarshal.Read<uint>(bytes[8..]));

    /// <summary>The three numbers, as in <c>pid 812 uid 1000 gid 1000</c>.</summary>
    public override string ToString() => $"pid {OwningProcess} uid {UserId} gid {GroupId}";
}
