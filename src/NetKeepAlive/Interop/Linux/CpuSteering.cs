using System;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Interop.Linux;

/// <summary>
/// SO_ATTACH_REUSEPORT_CBPF of socket(7): a classic BPF program that answers with the number of the listener in its
/// group, in the order they began to listen. An answer beyond the last listener leaves the choice to the hash
/// (<c>reuseport_select_sock</c>).
/// </summary>
internal static class CpuSteering
{
    private const int SoAttachReuseportCbpf = 51; // asm-generic/socket.h

    // linux/filter.h, linux/bpf_common.h
    private const ushort LoadWordAbsolute = 0x00 | 0x00 | 0x20; // BPF_LD | BPF_W | BPF_ABS
    private const ushort ReturnAccumulator = 0x06 | 0x10; // BPF_RET | BPF_A
    private const uint CurrentCpu = unchecked((uint)(-0x1000 + 36)); // SKF_AD_OFF + SKF_AD_CPU

    /// <summary>Attaches the program to the group of a listening socket.</summary>
    /// <exception cref="NativeSocketException">The kernel refused.</exception>
    internal static unsafe void Attach(SafeHandle listener)
    {
        Instruction* program = stackalloc Instruction[]
        {
            new Instruction { Code = LoadWordAbsolute, Constant = CurrentCpu },
            new Instruction { Code = ReturnAccumulator },
        };
        Program attached = new() { Length = 2, Instructions = program };
        using HeldDescriptor descriptor = new(listener);
        Libc.SetSockOpt(
            descriptor,
            Abi.Current.SolSocket,
            SoAttachReuseportCbpf,
            new ReadOnlySpan<byte>(&attached, sizeof(Program)),
            "SO_ATTACH_REUSEPORT_CBPF");
    }

    /// <summary><c>struct sock_filter</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Instruction
    {
        internal ushort Code;
        internal byte IfTrue;
        internal byte IfFalse;
        internal uint Constant;
    }

    /// <summary><c>struct sock_fprog</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct Program
    {
        internal ushort Length;
        internal Instruction* Instructions;
    }
}
