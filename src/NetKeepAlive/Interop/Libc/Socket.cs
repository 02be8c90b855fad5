using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    [LibraryImport("libc", SetLastError = true)]
    private static partial int socket(int domain, int type, int protocol);

    /// <summary>socket(2): a new socket, close-on-exec.</summary>
    /// <param name="family">The family's number on this platform.</param>
    /// <param name="type">The type's number on this platform.</param>
    /// <exception cref="NativeSocketException">The kernel refused.</exception>
    internal static SafeSocketHandle Socket(int family, int type)
    {
        int fd = socket(family, type | Abi.Current.SockCloexec, 0);
        return fd < 0 ? throw NativeSocketException.FromLastError(nameof(socket)) : OwnNew(fd);
    }

    /// <summary>Takes a descriptor that was just made; where the platform has no flag for it, it becomes close-on-exec
    /// now.</summary>
    private static SafeSocketHandle OwnNew(int fd)
    {
        SafeSocketHandle handle = new(fd, ownsHandle: true);
        if (Abi.Current.SockCloexec == Abi.None)
        {
            RuntimeShim.SetCloseOnExec(handle);
        }

        if (Abi.Current.SocketsAreNonBlocking)
        {
            RuntimeShim.SetNonBlocking(handle);
        }

        return handle;
    }
}
