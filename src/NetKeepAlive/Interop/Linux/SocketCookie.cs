using System;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop.Linux;

/// <summary>SO_COOKIE: the number that the kernel gives a socket once and never to another
/// (<c>asm-generic/socket.h</c>).</summary>
internal static class SocketCookie
{
    internal const int Option = 57;

    /// <summary>Reads a socket's cookie; null where this kernel has none (older than 4.12).</summary>
    /// <exception cref="NativeSocketException">Not a socket.</exception>
    internal static ulong? Read(SafeHandle socket)
    {
        using HeldDescriptor descriptor = new(socket);
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        try
        {
            Libc.GetSockOpt(descriptor, Abi.Current.SolSocket, Option, bytes, "SO_COOKIE");
            return MemoryMarshal.Read<ulong>(bytes);
        }
        catch (NativeSocketException error) when (error.Is(Errno.ENOPROTOOPT))
        {
            return null;
        }
    }
}
