using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int open_netlink(int domain, int type, int protocol);

    /// <summary>socket(2) for a family that .NET's own sockets do not know: netlink(7).</summary>
    /// <param name="family">The address family's number.</param>
    /// <param name="type">The type, with SOCK_CLOEXEC.</param>
    /// <param name="protocol">The netlink family.</param>
    /// <param name="target">What is opened, for the error.</param>
    /// <exception cref="NativeSocketException">The kernel refused.</exception>
    internal static SafeFileHandle OpenNetlink(int family, int type, int protocol, string target)
    {
        int descriptor = open_netlink(family, type, protocol);
        return descriptor < 0
            ? throw NativeSocketException.FromLastError("socket", target)
            : new SafeFileHandle(descriptor, ownsHandle: true);
    }
}
