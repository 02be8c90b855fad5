using System;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop.Linux;

/// <summary>Multipath TCP sockets (RFC 8684), which look like TCP sockets to all but SO_PROTOCOL.</summary>
internal static class MultipathSocket
{
    private const int ProtocolOption = 38; // SO_PROTOCOL of asm-generic/socket.h
    private const int Protocol = 262; // IPPROTO_MPTCP of linux/in.h

    /// <summary>Is it one?</summary>
    /// <exception cref="NativeSocketException">Not a socket.</exception>
    internal static bool Is(SafeHandle socket)
    {
        using HeldDescriptor descriptor = new(socket);
        Span<byte> value = stackalloc byte[sizeof(int)];
        Libc.GetSockOpt(descriptor, Abi.Current.SolSocket, ProtocolOption, value, "SO_PROTOCOL");
        return MemoryMarshal.Read<int>(value) == Protocol;
    }
}
