using System;

namespace NetKeepAlive.Interop.Darwin;

/// <summary>The numbers of sysctl(8) on macOS.</summary>
internal static class Sysctl
{
    /// <exception cref="UnauthorizedAccessException">Not root.</exception>
    internal static void Write(string name, int value)
    {
        try
        {
            Libc.SetSysctl(name, value);
        }
        catch (NativeSocketException refused) when (refused.Is(Errno.EPERM))
        {
            throw new UnauthorizedAccessException(refused.Message, refused);
        }
    }
}
