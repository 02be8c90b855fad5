using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop;

internal static partial class Libc
{
    // PROC_PIDLISTFDS of xnu bsd/sys/proc_info.h
    internal const int ProcPidListFds = 1;

    [LibraryImport("libc")]
    private static unsafe partial int proc_listallpids(int* buffer, int buffersize);

    [LibraryImport("libc")]
    private static unsafe partial int proc_pidinfo(int pid, int flavor, ulong arg, byte* buffer, int buffersize);

    /// <summary>proc_listallpids of libproc, macOS: the ids of all processes.</summary>
    internal static unsafe List<int> ListProcesses()
    {
        // Without room the answer is how many there are, and some more.
        int[] list = new int[Math.Max(0, proc_listallpids(null, 0))];
        fixed (int* ids = list)
        {
            int count = proc_listallpids(ids, list.Length * sizeof(int));
            return list.Take(count).ToList();
        }
    }

    /// <summary>proc_pidinfo of libproc, macOS: the descriptors of a process, a <c>struct proc_fdinfo</c> each.</summary>
    /// <returns>None of a process that has ended, or that this user may not look into.</returns>
    internal static unsafe byte[] ListDescriptors(int process)
    {
        // Without room the answer is how much it takes, and twenty rows more.
        byte[] list = new byte[Math.Max(0, proc_pidinfo(process, ProcPidListFds, 0, null, 0))];
        fixed (byte* bytes = list)
        {
            int length = proc_pidinfo(process, ProcPidListFds, 0, bytes, list.Length);
            return list[..Math.Max(0, length)];
        }
    }
}
