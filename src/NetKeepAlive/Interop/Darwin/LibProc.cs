using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop.Darwin;

/// <summary>What libproc tells of the sockets of a process: xnu <c>bsd/sys/proc_info.h</c>.</summary>
internal static class LibProc
{
    // struct proc_fdinfo: int32_t proc_fd, uint32_t proc_fdtype
    internal const int FdInfoSize = 8;
    internal const uint TypeSocket = 2; // PROX_FDTYPE_SOCKET

    /// <summary>The TCP and UDP sockets of a process; none where this user may not look into it.</summary>
    internal static IEnumerable<ProcessSocket> Sockets(int process)
    {
        byte[] info = new byte[SocketFdInfo.Size];
        foreach (int descriptor in SocketDescriptors(Libc.ListDescriptors(process)))
        {
            if (Libc.TryProcPidFdInfo(process, descriptor, info)
                && SocketFdInfo.Decode(info, descriptor) is { } socket)
            {
                yield return socket;
            }
        }
    }

    /// <summary>Which descriptors of a list are sockets.</summary>
    internal static List<int> SocketDescriptors(ReadOnlySpan<byte> list)
    {
        List<int> descriptors = [];
        for (; list.Length >= FdInfoSize; list = list[FdInfoSize..])
        {
            if (MemoryMarshal.Read<uint>(list[sizeof(int)..]) == TypeSocket)
            {
                descriptors.Add(MemoryMarshal.Read<int>(list));
            }
        }

        return descriptors;
    }
}
