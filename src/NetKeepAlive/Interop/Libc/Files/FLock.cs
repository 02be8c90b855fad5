using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    // sys/file.h of every platform
    private const int LockExclusive = 2;
    private const int LockNoWait = 4;

    [LibraryImport("libc", SetLastError = true)]
    private static partial int flock(int fd, int operation);

    /// <summary>flock(2) of a folder, without waiting, until the folder is closed.</summary>
    /// <returns>False when somebody else has it. True also where the file system has no locks.</returns>
    internal static bool TryLock(DirectoryHandle folder) =>
        flock(folder.Descriptor, LockExclusive | LockNoWait) == 0 || !LastError.Is(Errno.EAGAIN);
}
