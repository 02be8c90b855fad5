using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    // sys/mount.h of Linux
    private const ulong NoSetUid = 2;
    private const ulong NoDevices = 4;
    private const ulong NoExecution = 8;

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int mount(string source, string target, string filesystemtype, ulong mountflags, string data);

    /// <summary>mount(2) of Linux, of a file system that lives in the kernel; no devices, programs or changes of user in
    /// it.</summary>
    /// <exception cref="NativeSocketException"><c>EPERM</c>: without CAP_SYS_ADMIN; <c>ENODEV</c>: the kernel has no such
    /// file system.</exception>
    internal static void Mount(string fileSystem, string folder, string options)
    {
        if (mount(fileSystem, folder, fileSystem, NoSetUid | NoDevices | NoExecution, options) != 0)
        {
            throw NativeSocketException.FromLastError(nameof(mount), folder);
        }
    }
}
