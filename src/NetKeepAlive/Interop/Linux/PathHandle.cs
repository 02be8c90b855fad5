using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace NetKeepAlive.Interop.Linux;

/// <summary>Folders and files by a descriptor, so that nobody puts another in their place between one call and the
/// next: open(2) with O_PATH. openat(2) is variadic, so it is called by its number.</summary>
internal static partial class PathHandle
{
    // asm/unistd_64.h; asm-generic/unistd.h
    private static readonly int OpenAt = SystemCall.Number(x64: 257, arm64: 56);

    // asm-generic/fcntl.h; arch/arm64/include/uapi/asm/fcntl.h has other numbers for two of them
    private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture is Architecture.Arm64;
    private static readonly int Directory = IsArm ? 0x4000 : 0x10000;
    private static readonly int NoFollow = IsArm ? 0x8000 : 0x20000;
    private const int CloseOnExec = 0x80000;
    private const int PathOnly = 0x200000;
    private const int CurrentFolder = -100;

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int unlinkat(SafeHandle dirfd, string pathname, int flags);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int chmod(string pathname, uint mode);

    /// <summary>A folder to reach its files by; null where it is none.</summary>
    internal static SafeFileHandle? OpenFolderPath(string path) => Open(null, path, PathOnly | Directory | CloseOnExec);

    /// <summary>A file of a folder, symbolic links not followed; null where there is none.</summary>
    internal static SafeFileHandle? OpenFile(SafeHandle folder, string name) =>
        Open(folder, name, PathOnly | NoFollow | CloseOnExec);

    /// <summary>A path by which other calls reach the very file of a descriptor.</summary>
    internal static string PathOf(SafeHandle file) => $"/proc/self/fd/{file.DangerousGetHandle()}";

    /// <summary>unlinkat(2).</summary>
    internal static bool Remove(SafeHandle folder, string name) => unlinkat(folder, name, 0) == 0;

    /// <summary>chmod(2) of the file itself; fchmod(2) refuses such a descriptor.</summary>
    /// <exception cref="NativeSocketException">The kernel refused.</exception>
    internal static void SetMode(SafeHandle file, uint mode, string target)
    {
        if (chmod(PathOf(file), mode) != 0)
        {
            throw NativeSocketException.FromLastError(nameof(chmod), target);
        }
    }

    private static unsafe SafeFileHandle? Open(SafeHandle? folder, string path, int flags)
    {
        bool held = false;
        nint name = Marshal.StringToCoTaskMemUTF8(path);
        try
        {
            folder?.DangerousAddRef(ref held);
            nint at = folder?.DangerousGetHandle() ?? CurrentFolder;
            nint opened = SystemCall.Invoke(OpenAt, at, name, flags);
            return opened < 0 ? null : new SafeFileHandle(opened, ownsHandle: true);
        }
        finally
        {
            Marshal.FreeCoTaskMem(name);
            if (held)
            {
                folder!.DangerousRelease();
            }
        }
    }
}
