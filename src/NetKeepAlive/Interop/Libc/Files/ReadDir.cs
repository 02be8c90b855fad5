using System;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    // Linux, 64-bit, glibc and musl: d_ino and d_off of 8 bytes, d_reclen of 2, d_type of 1, d_name.
    internal const int DirentName = 19;

    [LibraryImport("libc")]
    private static unsafe partial byte* readdir(SafeHandle dirp);

    /// <summary>readdir(3) on Linux.</summary>
    /// <returns>The next entry's name, valid until the next call; empty at the end.</returns>
    internal static unsafe ReadOnlySpan<byte> ReadDir(DirectoryHandle folder)
    {
        byte* entry = readdir(folder);
        return entry is null ? default : MemoryMarshal.CreateReadOnlySpanFromNullTerminated(entry + DirentName);
    }
}
