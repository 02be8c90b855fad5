using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Threading;
using NetKeepAlive.Tables;
using Xunit;

namespace NetKeepAlive.Tests.Tables;

/// <summary>What the kernel's walk over open files tells, beside /proc.</summary>
public sealed class SocketIteratorTests
{
    // A socket of its first thread, and one of a thread that has descriptors of its own (CLONE_FILES); the latter are not
    // those of /proc/PID/fd.
    private const string Threads = """
        import ctypes, threading
        def inode(s): return os.fstat(s.fileno()).st_ino
        first = socket.socket()
        def apart():
            if ctypes.CDLL(None).unshare(0x400): os._exit(1)
            own = socket.socket()
            say(os.getpid(), inode(first), first.fileno(), inode(own))
            sys.stdin.read()
        threading.Thread(target=apart).start()
        """;

    [Fact]
    public void It_tells_the_sockets_that_proc_tells()
    {
        Begin();
        Socket[] sockets = [.. Enumerable.Range(0, 3000).Select(static _ =>
            new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))];
        try
        {
            ProcessSockets proc = ProcessSockets.Scan([Environment.ProcessId], CancellationToken.None);
            ILookup<uint, SocketOwner> walk = Begin().ToLookup(static it => it.Inode, static it => it.Owner);
            foreach (Socket socket in sockets)
            {
                uint inode = ProcessSockets.InodeOf(socket.SafeHandle);
                Assert.Equal(new SocketOwner(Environment.ProcessId, (int)socket.Handle), proc.Find(inode));
                Assert.Contains(proc.Find(inode)!.Value, walk[inode]);
            }
        }
        finally
        {
            Array.ForEach(sockets, static it => it.Dispose());
        }
    }

    [Fact]
    public void It_tells_sockets_only_by_process_in_the_order_of_their_ids()
    {
        using FileStream file = File.OpenRead(Environment.ProcessPath!);
        List<(uint Inode, SocketOwner Owner)> all = [.. Begin()];
        Assert.Equal(all.Select(static it => it.Owner.ProcessId).Order(), all.Select(static it => it.Owner.ProcessId));
        Assert.DoesNotContain(
            new SocketOwner(Environment.ProcessId, (int)file.SafeFileHandle.DangerousGetHandle()),
            all.Select(static it => it.Owner));
    }

    [Fact]
    public void Descriptors_that_a_thread_has_for_itself_are_left_out_as_in_proc()
    {
        Begin();
        using PythonPeer python = new(Threads);
        int[] told = [.. python.ReadLine()!.Split(' ').Select(static it => int.Parse(it, CultureInfo.InvariantCulture))];
        List<(uint Inode, SocketOwner Owner)> all = [.. Begin()];
        Assert.Contains(((uint)told[1], new SocketOwner(told[0], told[2])), all);
        Assert.DoesNotContain(all, it => it.Inode == (uint)told[3]);
    }

    private static IEnumerable<(uint Inode, SocketOwner Owner)> Begin()
    {
        Need.Linux();
        IEnumerable<(uint Inode, SocketOwner Owner)>? all = SocketIterator.TryBegin(CancellationToken.None);
        Assert.SkipWhen(all is null, "The kernel lists no open files here (Linux 5.8, BTF, CAP_BPF and CAP_PERFMON).");
        return all!;
    }
}
