using System.Runtime.InteropServices;
using System.Text;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    [LibraryImport("libc")]
    private static unsafe partial nint opendir(void* name);

    /// <summary>opendir(3): close-on-exec, as C libraries open it.</summary>
    /// <returns>Null where there is no such folder or no right to read it.</returns>
    internal static unsafe DirectoryHandle? OpenDir(string path)
    {
        fixed (byte* bytes = Encoding.UTF8.GetBytes($"{path}\0"))
        {
            nint stream = opendir(bytes);
            return stream == 0 ? null : new DirectoryHandle(stream);
        }
    }
}
