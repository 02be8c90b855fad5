using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int socketpair(int domain, int type, int protocol, int* sv);

    /// <summary>socketpair(2): two Unix sockets connected to each other, close-on-exec.</summary>
    /// <param name="type">The type's number on this platform.</param>
    /// <exception cref="NativeSocketException">The kernel refused.</exception>
    internal static unsafe (SafeSocketHandle First, SafeSocketHandle Second) SocketPair(int type)
    {
        Abi abi = Abi.Current;
        int* ends = stackalloc int[2];
        return socketpair(abi.AfUnix, type | abi.SockCloexec, 0, ends) != 0
            ? throw NativeSocketException.FromLastError(nameof(socketpair))
            : (OwnNew(ends[0]), OwnNew(ends[1]));
    }
}
