using System;
using Microsoft.Win32.SafeHandles;

namespace NetKeepAlive.Interop.Bpf;

/// <summary>What holds a program at a control group: it ends with its last descriptor and pin.</summary>
internal static class BpfLink
{
    // No group has more: BPF_CGROUP_MAX_PROGS of the kernel is 64.
    private const int MostPrograms = 64;

    /// <summary>Attaches a program of type sock_ops to a control group, beside what is there.</summary>
    /// <exception cref="NativeSocketException"><c>EPERM</c>: not allowed, or another program is there
    /// exclusively; <c>EBADF</c>: no folder of cgroup2; <c>E2BIG</c>: 64 programs are there.</exception>
    internal static SafeFileHandle Create(SafeFileHandle program, DirectoryHandle group, string path)
    {
        using HeldDescriptor descriptor = new(program);
        LinkCreateAttributes attributes = new()
        {
            ProgFd = descriptor.Number,
            TargetFd = group.Descriptor,
            AttachType = BpfAbi.CgroupSockOps,
        };
        SafeFileHandle link = BpfCall.Open(BpfCommand.LinkCreate, ref attributes, path);
        GC.KeepAlive(group);
        return link;
    }

    /// <summary>Makes the program of an iterator ready for walks.</summary>
    /// <exception cref="NativeSocketException"><c>EPERM</c>: not allowed; <c>EINVAL</c>: no program of an
    /// iterator.</exception>
    internal static SafeFileHandle Create(SafeFileHandle program)
    {
        using HeldDescriptor descriptor = new(program);
        LinkCreateAttributes attributes = new() { ProgFd = descriptor.Number, AttachType = BpfAbi.TraceIter };
        return BpfCall.Open(BpfCommand.LinkCreate, ref attributes, "an iterator");
    }

    /// <summary>What the kernel tells of a link.</summary>
    internal static BpfLinkInfo Info(SafeFileHandle link) => BpfObject.Info<BpfLinkInfo>(link);

    /// <summary>Takes the program off its group at once, whoever else holds the link.</summary>
    /// <returns>False where the kernel cannot (before 5.9): then it ends with the last descriptor.</returns>
    internal static bool Detach(SafeFileHandle link)
    {
        using HeldDescriptor descriptor = new(link);
        LinkDetachAttributes attributes = new() { LinkFd = descriptor.Number };
        return BpfCall.Invoke(BpfCommand.LinkDetach, ref attributes) == 0;
    }

    /// <summary>The ids of the programs of type sock_ops that are attached to a control group, those above it left
    /// out.</summary>
    /// <exception cref="NativeSocketException"><c>EPERM</c>: without CAP_NET_ADMIN.</exception>
    internal static unsafe uint[] AttachedTo(DirectoryHandle group, string path)
    {
        uint* ids = stackalloc uint[MostPrograms];
        ProgQueryAttributes attributes = new()
        {
            TargetFd = group.Descriptor,
            AttachType = BpfAbi.CgroupSockOps,
            ProgIds = (ulong)ids,
            ProgCnt = MostPrograms,
        };
        int result = BpfCall.Invoke(BpfCommand.ProgQuery, ref attributes);
        GC.KeepAlive(group);
        return result != 0
            ? throw BpfCall.Failed(BpfCommand.ProgQuery, path)
            : new ReadOnlySpan<uint>(ids, (int)Math.Min(attributes.ProgCnt, MostPrograms)).ToArray();
    }
}
