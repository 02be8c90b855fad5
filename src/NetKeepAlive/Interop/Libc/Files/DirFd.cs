using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    [LibraryImport("libc")]
    private static partial int dirfd(SafeHandle dirp);

    /// <summary>dirfd(3): the descriptor of an open folder, which the folder keeps.</summary>
    internal static int DirFd(SafeHandle folder) => dirfd(folder);
}
