using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop.Linux;

/// <summary>
/// syscall(2): system calls by their number. For those that C libraries lack or spoil, and those made for each message: the
/// C library's own wrappers of these are cancellation points (pthreads(7)), which costs glibc before 2.41 two atomic
/// writes a call in a process of several threads, as .NET's are: a tenth of a send(2) of 64 bytes. .NET cancels no
/// threads. On x64 and arm64 syscall(2) takes its arguments like any other function, so a fixed signature is right.
/// </summary>
internal static partial class SystemCall
{
    // asm/unistd_64.h; asm-generic/unistd.h. Where a number is none, the C library's wrapper serves.
    internal static readonly int SendTo = Number(x64: 44, arm64: 206);
    internal static readonly int RecvFrom = Number(x64: 45, arm64: 207);
    internal static readonly int RecvMsg = Number(x64: 47, arm64: 212);
    internal static readonly int Bpf = Number(x64: 321, arm64: 280);
    internal static readonly int SendMsg = Number(x64: 46, arm64: 211);
    internal static readonly int Statx = Number(x64: 332, arm64: 291);

    internal static readonly int Ioctl = Number(x64: 16, arm64: 29);
    internal static readonly int SetNs = Number(x64: 308, arm64: 268);

    // The same on every architecture.
    internal const int PidFdOpen = 434;
    internal const int PidFdGetFd = 438;

    [LibraryImport("libc")]
    private static partial nint syscall(nint number, nint arg1, nint arg2, nint arg3, nint arg4, nint arg5, nint arg6);

    /// <summary>Makes a system call.</summary>
    /// <returns>What the kernel answers; -1 when it refused, and errno is kept.</returns>
    internal static nint Invoke(
        nint number, nint arg1, nint arg2 = 0, nint arg3 = 0, nint arg4 = 0, nint arg5 = 0, nint arg6 = 0)
    {
        nint result = syscall(number, arg1, arg2, arg3, arg4, arg5, arg6);
        if (result == -1)
        {
            LastError.Keep();
        }

        return result;
    }

    /// <summary>The number of a system call on this machine; none elsewhere than on Linux.</summary>
    internal static int Number(int x64, int arm64) =>
        CurrentPlatform.Value is not Platform.Linux ? Abi.None
        : RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => x64,
            Architecture.Arm64 => arm64,
            _ => Abi.None,
        };
}
