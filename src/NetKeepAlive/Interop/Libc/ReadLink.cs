using System;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    // No saved errno: a descriptor that has just gone is not an error, and this is called for every one of the system.
    [LibraryImport("libc")]
    private static unsafe partial nint readlink(void* path, void* buf, nuint size);

    /// <summary>readlink(2) without strings: thousands of descriptors are looked at in one listing.</summary>
    /// <param name="path">The path in UTF-8, with its terminating zero.</param>
    /// <param name="target">Where the link's text goes; cut if it is longer.</param>
    /// <returns>How many bytes were written; negative where there is no such link or no right to read it.</returns>
    internal static unsafe int ReadLink(ReadOnlySpan<byte> path, Span<byte> target)
    {
        if (path.IsEmpty || path[^1] != 0)
        {
            throw new ArgumentException("The path must end with a zero byte.", nameof(path));
        }

        fixed (byte* from = path)
        fixed (byte* to = target)
        {
            return (int)readlink(from, to, (nuint)target.Length);
        }
    }
}
