using System;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    // No saved errno: a descriptor that has just gone is not an error, and this is called for every one of the system.
    [LibraryImport("libc")]
    private static unsafe partial nint readlinkat(int dirfd, void* path, void* buf, nuint size);

    /// <summary>readlinkat(2) without strings: thousands of descriptors are looked at in one listing.</summary>
    /// <param name="folder">The open folder that the path is relative to; null for an absolute path.</param>
    /// <param name="path">The path in UTF-8, with its terminating zero.</param>
    /// <param name="target">Where the link's text goes; cut if it is longer.</param>
    /// <returns>How many bytes were written; negative where there is no such link or no right to read it.</returns>
    internal static unsafe int ReadLinkAt(DirectoryHandle? folder, ReadOnlySpan<byte> path, Span<byte> target)
    {
        const int WorkingDirectory = -100;
        if (path.IsEmpty || path[^1] != 0)
        {
            throw new ArgumentException("The path must end with a zero byte.", nameof(path));
        }

        fixed (byte* from = path)
        fixed (byte* to = target)
        {
            int length = (int)readlinkat(folder?.Descriptor ?? WorkingDirectory, from, to, (nuint)target.Length);
            GC.KeepAlive(folder);
            return length;
        }
    }
}
