using System;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop.Linux;

/// <summary>What getsockopt(2) tells of a socket that macOS tells by other ways: <c>asm-generic/socket.h</c>.</summary>
internal static class LinuxSocket
{
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;
    private const int SoAcceptConn = 30;

    /// <summary>SO_ACCEPTCONN: does it listen?</summary>
    /// <exception cref="NativeSocketException"><c>ENOTSOCK</c>: it is no socket.</exception>
    internal static bool IsListening(SafeHandle socket)
    {
        using HeldDescriptor descriptor = new(socket);
        Span<byte> value = stackalloc byte[sizeof(int)];
        Libc.GetSockOpt(descriptor, SolSocket, SoAcceptConn, value, "SO_ACCEPTCONN");
        return MemoryMarshal.Read<int>(value) != 0;
    }

    /// <summary>SO_PEERCRED: who is at the other end of a Unix socket.</summary>
    internal static PeerCredential GetPeerCredential(SafeHandle socket)
    {
        using HeldDescriptor descriptor = new(socket);
        Span<byte> value = stackalloc byte[PeerCredential.UcredSize];
        Libc.GetSockOpt(descriptor, SolSocket, SoPeerCred, value, "SO_PEERCRED");
        return PeerCredential.FromUcred(value);
    }
}
