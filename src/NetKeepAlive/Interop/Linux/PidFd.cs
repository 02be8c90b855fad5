using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace NetKeepAlive.Interop.Linux;

/// <summary>
/// pidfd_open(2) and pidfd_getfd(2): a copy of a descriptor of another process. Both are called by number, since C
/// libraries older than glibc 2.36 (and musl) lack the wrappers.
/// </summary>
internal static class PidFd
{
    /// <summary>A descriptor that refers to a process (close-on-exec).</summary>
    /// <exception cref="NativeSocketException"><c>ESRCH</c>: there is no such process.</exception>
    internal static SafeFileHandle Open(int processId)
    {
        nint fd = SystemCall.Invoke(SystemCall.PidFdOpen, processId);
        return fd < 0
            ? throw NativeSocketException.FromLastError("pidfd_open", $"process {processId}")
            : new SafeFileHandle(fd, ownsHandle: true);
    }

    /// <summary>A copy (close-on-exec) of a process's descriptor; it refers to the same open socket. It is a plain
    /// descriptor and not a SafeSocketHandle: disposing one of those sets SO_LINGER to zero first, and the owner's
    /// close(2) would then reset the connection.</summary>
    /// <exception cref="NativeSocketException"><c>EPERM</c>: no ptrace rights over that process; <c>EBADF</c>: it has
    /// no such descriptor.</exception>
    internal static SafeFileHandle GetFd(SafeHandle process, int descriptor, string target)
    {
        using HeldDescriptor held = new(process);
        nint fd = SystemCall.Invoke(SystemCall.PidFdGetFd, held.Number, descriptor);
        return fd < 0
            ? throw NativeSocketException.FromLastError("pidfd_getfd", target)
            : new SafeFileHandle(fd, ownsHandle: true);
    }
}
