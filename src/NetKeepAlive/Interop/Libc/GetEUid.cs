using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    [LibraryImport("libc")]
    private static partial uint geteuid();

    /// <summary>geteuid(2): the user whose rights this process has. It cannot fail.</summary>
    internal static uint GetEUid() => geteuid();
}
