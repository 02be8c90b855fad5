using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace NetKeepAlive.Interop.Linux;

/// <summary>
/// pidfd_open(2) and pidfd_getfd(2): a copy of a descriptor of another process. Both are called by number, since C
/// libraries older than glibc 2.36 (and musl) lack the wrappers; on Linux's x64 and arm64 syscall(2) takes its integer
/// arguments in registers like any other function, so a fixed signature is right.
/// </summary>
internal static partial class PidFd
{
    // The numbers are the same on every architecture that is not older than they are: asm-generic/unistd.h.
    internal const int SysPidFdOpen = 434;
    internal const int SysPidFdGetFd = 438;

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint pidfd_open(nint number, nint pid, nint flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint pidfd_getfd(nint number, SafeHandle pidfd, nint targetfd, nint flags);

    /// <summary>A descriptor that refers to a process (close-on-exec).</summary>
    /// <exception cref="NativeSocketException"><c>ESRCH</c>: there is no such process.</exception>
    internal static SafeFileHandle Open(int processId)
    {
        nint fd = pidfd_open(SysPidFdOpen, processId, 0);
        return fd < 0
            ? throw NativeSocketException.FromLastError(nameof(pidfd_open), $"process {processId}")
            : new SafeFileHandle(fd, ownsHandle: true);
    }

    /// <summary>A copy (close-on-exec) of a process's descriptor; it refers to the same open socket. It is a plain
    /// descriptor and not a SafeSocketHandle: disposing one of those sets SO_LINGER to zero first, and the owner's
    /// close(2) would then reset the connection.</summary>
    /// <exception cref="NativeSocketException"><c>EPERM</c>: no ptrace rights over that process; <c>EBADF</c>: it has
    /// no such descriptor.</exception>
    internal static SafeFileHandle GetFd(SafeHandle process, int descriptor, string target)
    {
        nint fd = pidfd_getfd(SysPidFdGetFd, process, descriptor, 0);
        return fd < 0
            ? throw NativeSocketException.FromLastError(nameof(pidfd_getfd), target)
            : new SafeFileHandle(fd, ownsHandle: true);
    }
}
