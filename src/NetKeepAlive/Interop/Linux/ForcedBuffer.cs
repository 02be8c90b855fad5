using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop.Linux;

/// <summary>SO_RCVBUFFORCE: a receive buffer beyond net.core.rmem_max (socket(7)).</summary>
internal static class ForcedBuffer
{
    private const int Option = 33; // asm-generic/socket.h

    /// <summary>Sets its size in bytes.</summary>
    /// <exception cref="NativeSocketException"><c>EPERM</c>: no CAP_NET_ADMIN.</exception>
    internal static void Set(in HeldDescriptor socket, int size) => Libc.SetSockOpt(
        socket, Abi.Current.SolSocket, Option, MemoryMarshal.AsBytes(new System.ReadOnlySpan<int>(in size)),
        "SO_RCVBUFFORCE");
}
