using System;
using System.Linq;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace NetKeepAlive.Interop.Bpf;

/// <summary>A program in the kernel.</summary>
internal static class BpfProgram
{
    private const int LogSize = 64 * 1024;
    private const int LongestQuote = 1024;

    /// <summary>Loads a program of type sock_ops. Where the verifier refuses it, the error has its words.</summary>
    /// <param name="name">At most 15 letters, digits, <c>_</c> and <c>.</c>.</param>
    /// <param name="instructions"><c>struct bpf_insn</c>, 8 bytes each.</param>
    /// <exception cref="NativeSocketException"><c>EPERM</c>: without CAP_BPF and CAP_NET_ADMIN; <c>EINVAL</c>,
    /// <c>EACCES</c>: the verifier refused.</exception>
    internal static SafeFileHandle LoadSockOps(string name, ReadOnlySpan<ulong> instructions) => Load(
        name,
        instructions,
        new ProgLoadAttributes { ProgType = BpfAbi.ProgTypeSockOps, ExpectedAttachType = BpfAbi.CgroupSockOps });

    /// <summary>Loads the program of an iterator.</summary>
    /// <param name="name">As of <see cref="LoadSockOps"/>.</param>
    /// <param name="instructions">As of <see cref="LoadSockOps"/>.</param>
    /// <param name="function">The kernel's number of the function whose arguments the program gets:
    /// <see cref="KernelTypes.Function"/>.</param>
    /// <exception cref="NativeSocketException"><c>EPERM</c>: without CAP_BPF and CAP_PERFMON; <c>EINVAL</c>,
    /// <c>EACCES</c>: the verifier refused.</exception>
    internal static SafeFileHandle LoadIterator(string name, ReadOnlySpan<ulong> instructions, int function) => Load(
        name,
        instructions,
        new ProgLoadAttributes
        {
            ProgType = BpfAbi.ProgTypeTracing,
            ExpectedAttachType = BpfAbi.TraceIter,
            AttachBtfId = function,
        });

    /// <summary>What the kernel tells of a program.</summary>
    internal static BpfProgInfo Info(SafeFileHandle program) => BpfObject.Info<BpfProgInfo>(program);

    /// <summary>The ids of a program's maps.</summary>
    internal static unsafe uint[] MapIds(SafeFileHandle program)
    {
        uint[] ids = new uint[Info(program).NrMapIds];
        fixed (uint* pointer = ids)
        {
            BpfProgInfo asked = new() { NrMapIds = (uint)ids.Length, MapIds = (ulong)pointer };
            BpfObject.ReadInfo(program, ref asked);
        }

        return ids;
    }

    private static unsafe SafeFileHandle Load(
        string name, ReadOnlySpan<ulong> instructions, ProgLoadAttributes attributes)
    {
        // Kernels give bpf_setsockopt and bpf_seq_write to programs under the GPL only: what runs in the kernel carries
        // its licence.
        fixed (byte* license = "GPL\0"u8)
        fixed (ulong* code = instructions)
        {
            attributes.InsnCnt = (uint)instructions.Length;
            attributes.Insns = (ulong)code;
            attributes.License = (ulong)license;
            attributes.ProgName = BpfCall.ToName(name);
            int descriptor = BpfCall.Invoke(BpfCommand.ProgLoad, ref attributes);
            return descriptor < 0
                ? throw Refused(ref attributes, BpfCall.Failed(BpfCommand.ProgLoad, name))
                : new SafeFileHandle(descriptor, ownsHandle: true);
        }
    }

    // The log is written on a second try only: it slows down the one that succeeds.
    private static unsafe NativeSocketException Refused(
        ref ProgLoadAttributes attributes, NativeSocketException error)
    {
        byte[] log = new byte[LogSize];
        fixed (byte* buffer = log)
        {
            attributes.LogLevel = 1;
            attributes.LogSize = LogSize;
            attributes.LogBuf = (ulong)buffer;
            int descriptor = BpfCall.Invoke(BpfCommand.ProgLoad, ref attributes);
            if (descriptor >= 0)
            {
                new SafeFileHandle(descriptor, ownsHandle: true).Dispose();
            }
        }

        int end = Array.IndexOf(log, (byte)0);
        string words = Encoding.ASCII.GetString(log, 0, end < 0 ? log.Length : end).Trim();
        return words.Length == 0 ? error : error.WithTarget(error.Target!, $"The verifier says: {Last(words)}");
    }

    // The reason stands at the end, behind the program's text.
    private static string Last(string words) =>
        string.Join(" | ", (words.Length <= LongestQuote ? words : words[^LongestQuote..])
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(static line => !line.StartsWith("processed ", StringComparison.Ordinal)));
}
