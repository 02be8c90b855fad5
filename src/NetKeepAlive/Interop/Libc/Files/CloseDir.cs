using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    [LibraryImport("libc")]
    private static partial int closedir(nint dirp);

    /// <summary>closedir(3), for <see cref="DirectoryHandle"/> alone.</summary>
    internal static bool CloseDir(nint stream) => closedir(stream) == 0;
}
