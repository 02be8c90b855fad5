using System.Collections.Generic;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace NetKeepAlive.Interop.Bpf;

/// <summary>The kernel's list of links, programs and maps: each has an id, given once until the ids have gone
/// round.</summary>
internal static class BpfObject
{
    /// <summary>The ids of all links. Those that are made meanwhile may be missing.</summary>
    /// <exception cref="NativeSocketException"><c>EPERM</c>: without CAP_SYS_ADMIN.</exception>
    internal static IEnumerable<uint> LinkIds()
    {
        ObjectIdAttributes attributes = default;
        while (BpfCall.Invoke(BpfCommand.LinkGetNextId, ref attributes) == 0)
        {
            yield return attributes.NextId;
            attributes = new ObjectIdAttributes { StartId = attributes.NextId };
        }

        if (!LastError.Is(Errno.ENOENT))
        {
            throw BpfCall.Failed(BpfCommand.LinkGetNextId, "of the system");
        }
    }

    /// <summary>A descriptor of a link; null where it has ended.</summary>
    /// <exception cref="NativeSocketException"><c>EPERM</c>: without CAP_SYS_ADMIN.</exception>
    internal static SafeFileHandle? OpenLink(uint id) => Open(BpfCommand.LinkGetFdById, id);

    /// <inheritdoc cref="OpenLink"/>
    /// <summary>A descriptor of a program; null where it has ended.</summary>
    internal static SafeFileHandle? OpenProgram(uint id) => Open(BpfCommand.ProgGetFdById, id);

    /// <inheritdoc cref="OpenLink"/>
    /// <summary>A descriptor of a map; null where it has ended.</summary>
    internal static SafeFileHandle? OpenMap(uint id) => Open(BpfCommand.MapGetFdById, id);

    /// <summary>What the kernel tells of an object, as far as both sides know of it.</summary>
    /// <exception cref="NativeSocketException">The kernel refused.</exception>
    internal static T Info<T>(SafeHandle handle)
        where T : unmanaged
    {
        T info = default;
        ReadInfo(handle, ref info);
        return info;
    }

    /// <summary>What the kernel tells of an object; in it may be pointers to where it shall write more.</summary>
    /// <exception cref="NativeSocketException">The kernel refused.</exception>
    internal static unsafe void ReadInfo<T>(SafeHandle handle, ref T info)
        where T : unmanaged
    {
        using HeldDescriptor descriptor = new(handle);
        fixed (T* pointer = &info)
        {
            ObjectInfoAttributes attributes = new()
            {
                BpfFd = descriptor.Number,
                InfoLen = (uint)sizeof(T),
                Info = (ulong)pointer,
            };
            if (BpfCall.Invoke(BpfCommand.ObjGetInfoByFd, ref attributes) != 0)
            {
                throw BpfCall.Failed(BpfCommand.ObjGetInfoByFd, typeof(T).Name);
            }
        }
    }

    private static SafeFileHandle? Open(BpfCommand command, uint id)
    {
        ObjectIdAttributes attributes = new() { StartId = id };
        int descriptor = BpfCall.Invoke(command, ref attributes);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true)
            : LastError.Is(Errno.ENOENT) ? null
            : throw BpfCall.Failed(command, $"{id}");
    }
}
