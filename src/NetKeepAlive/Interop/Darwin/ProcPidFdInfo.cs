using System;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    // PROC_PIDFDSOCKETINFO of xnu bsd/sys/proc_info.h
    internal const int ProcPidFdSocketInfo = 3;

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int proc_pidfdinfo(int pid, int fd, int flavor, byte* buffer, int buffersize);

    /// <summary>proc_pidfdinfo of libproc, macOS: what the kernel knows of a socket of this process.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="info">Where the <c>struct socket_fdinfo</c> goes.</param>
    /// <exception cref="NativeSocketException"><c>ENOTSOCK</c>: it is no socket.</exception>
    internal static void ProcPidFdInfo(SafeHandle socket, Span<byte> info)
    {
        using HeldDescriptor descriptor = new(socket);
        if (!TryProcPidFdInfo(Environment.ProcessId, descriptor.Number, info))
        {
            // A descriptor of another kind has no such information: EOPNOTSUPP (bsd/kern/proc_info.c).
            throw LastError.Is(Errno.EBADF)
                ? NativeSocketException.FromLastError(nameof(proc_pidfdinfo))
                : new NativeSocketException(nameof(proc_pidfdinfo), Errno.ENOTSOCK);
        }
    }

    /// <summary>The same of any process that this user may look into.</summary>
    internal static unsafe bool TryProcPidFdInfo(int process, int descriptor, Span<byte> info)
    {
        fixed (byte* bytes = info)
        {
            return proc_pidfdinfo(process, descriptor, ProcPidFdSocketInfo, bytes, info.Length) >= info.Length;
        }
    }
}
