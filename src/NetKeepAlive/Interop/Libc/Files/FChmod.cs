using System.IO;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    [LibraryImport("libc", SetLastError = true)]
    private static partial int fchmod(SafeHandle fd, uint mode);

    /// <summary>fchmod(2). On Linux the mode of an unbound socket is the mode that bind(2) gives its file, less the
    /// umask. <c>mode_t</c> is 4 bytes on Linux and 2 on Darwin, where the upper half of the argument is
    /// ignored.</summary>
    /// <exception cref="NativeSocketException">The kernel refused.</exception>
    internal static void FChmod(SafeHandle handle, UnixFileMode mode)
    {
        if (fchmod(handle, (uint)mode) != 0)
        {
            throw NativeSocketException.FromLastError(nameof(fchmod));
        }
    }
}
