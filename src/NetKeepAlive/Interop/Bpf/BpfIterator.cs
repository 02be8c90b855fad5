using System.IO;
using Microsoft.Win32.SafeHandles;

namespace NetKeepAlive.Interop.Bpf;

/// <summary>A walk of the kernel over objects of one kind (the kernel's <c>Documentation/bpf/bpf_iterators.rst</c>, Linux
/// 5.8): its program sees each and writes what it will.</summary>
internal static class BpfIterator
{
    /// <summary>How much a read gives at most, in bytes: the buffer of <c>bpf_iter.c</c>.</summary>
    internal const int BufferSize = 32 * 1024;

    /// <summary>Begins a walk.</summary>
    /// <returns>What the program writes. A read never ends within what one call of <c>bpf_seq_write</c> has
    /// written, provided that it asks for <see cref="BufferSize"/>.</returns>
    /// <exception cref="NativeSocketException"><c>EPERM</c>: not allowed; <c>EINVAL</c>: no program of an
    /// iterator.</exception>
    internal static Stream Begin(SafeFileHandle program)
    {
        using SafeFileHandle link = BpfLink.Create(program);
        using HeldDescriptor descriptor = new(link);
        IterCreateAttributes attributes = new() { LinkFd = descriptor.Number };
        return new FileStream(
            BpfCall.Open(BpfCommand.IterCreate, ref attributes, "an iterator"), FileAccess.Read, bufferSize: 0);
    }
}
