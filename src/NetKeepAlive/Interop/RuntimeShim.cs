using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace NetKeepAlive.Interop;

/// <summary>
/// fcntl(2) is variadic, so it cannot be called with a fixed signature. The runtime's own native library has plain
/// functions around it, on every platform it runs on.
/// </summary>
internal static partial class RuntimeShim
{
    // FD_CLOEXEC is 1 on every platform: fcntl(2).
    private const int FdCloseOnExec = 1;

    [LibraryImport("libSystem.Native", SetLastError = true)]
    private static partial int SystemNative_FcntlSetFD(SafeHandle fd, int flags);

    [LibraryImport("libSystem.Native", SetLastError = true)]
    private static partial int SystemNative_FcntlGetFD(SafeHandle fd);

    [LibraryImport("libSystem.Native", SetLastError = true)]
    private static partial nint SystemNative_Dup(SafeHandle oldfd);

    [LibraryImport("libSystem.Native", SetLastError = true)]
    private static partial int SystemNative_FcntlSetIsNonBlocking(SafeHandle fd, int isNonBlocking);

    [LibraryImport("libSystem.Native", SetLastError = true)]
    private static unsafe partial int SystemNative_FcntlGetIsNonBlocking(SafeHandle fd, int* isNonBlocking);

    /// <summary>Do calls on a descriptor return at once?</summary>
    internal static unsafe bool IsNonBlocking(SafeHandle handle)
    {
        int isNonBlocking = 0;
        return SystemNative_FcntlGetIsNonBlocking(handle, &isNonBlocking) == 0 && isNonBlocking != 0;
    }

    /// <summary>Is the descriptor open, and one that execve(2) leaves open, as those are that came by it?</summary>
    internal static bool IsInherited(SafeHandle handle) => SystemNative_FcntlGetFD(handle) == 0;

    /// <summary>Is the descriptor open, and one that execve(2) closes, as those are that this process made?</summary>
    internal static bool IsCloseOnExec(SafeHandle handle) => SystemNative_FcntlGetFD(handle) == FdCloseOnExec;

    /// <summary>Another descriptor of the same socket, close-on-exec from birth.</summary>
    internal static SafeSocketHandle Duplicate(SafeHandle handle) => new(DuplicateNumber(handle), ownsHandle: true);

    /// <summary>The same under a handle that closes it as close(2) does, whatever it is.</summary>
    internal static SafeFileHandle DuplicateFile(SafeHandle handle) => new(DuplicateNumber(handle), ownsHandle: true);

    private static nint DuplicateNumber(SafeHandle handle)
    {
        nint copy = SystemNative_Dup(handle);
        return copy >= 0 ? copy : throw NativeSocketException.FromLastError("dup");
    }

    /// <summary>Keeps a descriptor from child processes; for platforms that cannot make it so from birth.</summary>
    internal static void SetCloseOnExec(SafeHandle handle)
    {
        if (SystemNative_FcntlSetFD(handle, FdCloseOnExec) != 0)
        {
            throw NativeSocketException.FromLastError("fcntl", "FD_CLOEXEC");
        }
    }

    /// <summary>Makes calls on a descriptor return at once, or wait. The mode belongs to the open socket, not to the
    /// descriptor: whoever shares the socket shares the mode.</summary>
    internal static void SetNonBlocking(SafeHandle handle, bool isNonBlocking = true)
    {
        if (SystemNative_FcntlSetIsNonBlocking(handle, isNonBlocking ? 1 : 0) != 0)
        {
            throw NativeSocketException.FromLastError("fcntl", "O_NONBLOCK");
        }
    }
}
