using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static unsafe partial int sysctlbyname(string name, int* oldp, nuint* oldlenp, int* newp, nuint newlen);

    /// <summary>sysctlbyname(3), macOS: a number that the kernel keeps.</summary>
    /// <exception cref="NativeSocketException"><c>ENOENT</c>: it keeps none of this name.</exception>
    internal static unsafe int GetSysctl(string name)
    {
        int value = 0;
        nuint length = sizeof(int);
        return sysctlbyname(name, &value, &length, null, 0) == 0
            ? value
            : throw NativeSocketException.FromLastError(nameof(sysctlbyname), name);
    }

    /// <summary>Changes a number that the kernel keeps.</summary>
    /// <exception cref="NativeSocketException"><c>EPERM</c>: not root; <c>ENOENT</c>, <c>EINVAL</c>.</exception>
    internal static unsafe void SetSysctl(string name, int value)
    {
        if (sysctlbyname(name, null, null, &value, sizeof(int)) != 0)
        {
            throw NativeSocketException.FromLastError(nameof(sysctlbyname), name);
        }
    }
}
