using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;
using Microsoft.Win32.SafeHandles;
using NetKeepAlive.Interop.Bpf;
using static NetKeepAlive.Interop.Bpf.Register;

namespace NetKeepAlive.Tables;

/// <summary>
/// All sockets that processes have open, from the kernel's iterator over files (<c>task_file</c>, Linux 5.8): one read(2)
/// tells 2,048 of them, where <c>/proc/PID/fd</c> takes a readlinkat(2) for each. In C its program would be:
/// <code>
/// int netkeepalive(struct bpf_iter_meta *meta, struct task_struct *task, u32 fd, struct file *file)
/// {
///     if (!task || task->pid != task->tgid)                // a thread with files of its own, as /proc/PID has not
///         return 0;
///     if (!file || file->f_inode->i_sb->s_magic != SOCKFS_MAGIC)
///         return 0;
///     found = { file->f_inode->i_ino, task->tgid, fd };
///     bpf_seq_write(meta->seq, &amp;found, sizeof(found));
///     return 0;
/// }
/// </code>
/// </summary>
internal static class SocketIterator
{
    private const string Name = "netkeepalive";
    private const string FunctionName = "bpf_iter_task_file";
    private const int SockFsMagic = 0x534f434b; // linux/magic.h

    // PROC_PID_INIT_INO of linux/proc_ns.h: outside of it the kernel's numbers of processes are not those of getpid(2).
    private const string InitialPidNamespace = "pid:[4026531836]";

    // The function's arguments, 8 bytes each.
    private const int Meta = 0;
    private const int Task = 8;
    private const int Descriptor = 16;
    private const int OpenFile = 24;

    // What the program writes of each socket, in bytes.
    private const int FoundInode = 0;
    private const int FoundProcessId = 8;
    private const int FoundDescriptor = 12;
    private const int FoundSize = 16;

    // Loaded once for the life of the process, since audit logs have a line for each program that is loaded. Null where it
    // cannot be had.
    private static readonly Lazy<SafeFileHandle?> Program = new(TryLoad);

    /// <summary>Is it known already whether this kernel tells, and the program loaded? To find out takes some
    /// milliseconds.</summary>
    internal static bool IsReady => Program.IsValueCreated;

    /// <summary>The sockets, by process in the order of their ids.</summary>
    /// <returns>Null where the kernel does not tell: before Linux 5.8, without BTF, without CAP_BPF and CAP_PERFMON,
    /// in a pid namespace, whose numbers of processes are others.</returns>
    internal static IEnumerable<(uint Inode, SocketOwner Owner)>? TryBegin(CancellationToken token)
    {
        try
        {
            return Program.Value is { } program ? Read(BpfIterator.Begin(program), token) : null;
        }
        catch (NativeSocketException)
        {
            return null;
        }
    }

    /// <summary>Writes the program.</summary>
    /// <exception cref="KeyNotFoundException">The kernel has not what it reads.</exception>
    internal static ulong[] Write(KernelTypes kernel)
    {
        const int Room = -FoundSize; // on the stack
        Assembler program = new();
        Label done = new();
        program.Move(R6, R1);
        program.Load64(R7, R6, Task);
        program.JumpIfZero(R7, done);
        program.Load32(R9, R7, Offset("task_struct", "tgid"));
        program.Load32(R1, R7, Offset("task_struct", "pid"));
        program.JumpUnlessEqual(R1, R9, done);
        program.Load64(R8, R6, OpenFile);
        program.JumpIfZero(R8, done);
        program.Load64(R8, R8, Offset("file", "f_inode"));
        program.Load64(R1, R8, Offset("inode", "i_sb"));
        program.Load64(R1, R1, Offset("super_block", "s_magic"));
        program.JumpUnlessEqual(R1, SockFsMagic, done);
        program.Load64(R1, R8, Offset("inode", "i_ino"));
        program.Store64(R10, Room + FoundInode, R1);
        program.Store32(R10, Room + FoundProcessId, R9);
        program.Load32(R1, R6, Descriptor);
        program.Store32(R10, Room + FoundDescriptor, R1);
        program.Load64(R1, R6, Meta);
        program.Load64(R1, R1, Offset("bpf_iter_meta", "seq"));
        program.Move(R2, R10);
        program.Add(R2, Room);
        program.Move(R3, FoundSize);
        program.Call(BpfAbi.FuncSeqWrite);
        program.Place(done);
        program.Move(R0, 0);
        program.Exit();
        return program.Finish();

        int Offset(string structure, string member) => kernel.Offset(structure, member)
            ?? throw new KeyNotFoundException($"{structure}.{member}");
    }

    private static SafeFileHandle? TryLoad()
    {
        try
        {
            if (!BitConverter.IsLittleEndian || new FileInfo("/proc/self/ns/pid").LinkTarget != InitialPidNamespace)
            {
                return null;
            }

            KernelTypes kernel = KernelTypes.OfThisKernel();
            return kernel.Function(FunctionName) is { } function
                ? BpfProgram.LoadIterator(Name, Write(kernel), function)
                : null;
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException or InvalidDataException
            or KeyNotFoundException or NativeSocketException)
        {
            return null;
        }
    }

    private static IEnumerable<(uint Inode, SocketOwner Owner)> Read(Stream walk, CancellationToken token)
    {
        using (walk)
        {
            byte[] buffer = new byte[BpfIterator.BufferSize];
            for (int length; (length = walk.Read(buffer)) > 0;)
            {
                token.ThrowIfCancellationRequested();
                for (int at = 0; at < length; at += FoundSize)
                {
                    Found found = MemoryMarshal.Read<Found>(buffer.AsSpan(at));
                    yield return ((uint)found.Inode, new SocketOwner(found.ProcessId, found.Descriptor));
                }
            }
        }
    }

    [StructLayout(LayoutKind.Explicit, Size = FoundSize)]
    private readonly struct Found
    {
        [FieldOffset(FoundInode)] internal readonly ulong Inode;
        [FieldOffset(FoundProcessId)] internal readonly int ProcessId;
        [FieldOffset(FoundDescriptor)] internal readonly int Descriptor;
    }
}
