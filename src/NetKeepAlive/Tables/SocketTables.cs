using System;
using System.Collections.Generic;
using Microsoft.Win32.SafeHandles;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Linux;

namespace NetKeepAlive.Tables;

/// <summary>
/// The system's tables of sockets, for as long as one command works on them: lists them, finds a socket's row, opens the
/// socket of a row and ends its connection. It owns the ways there, each opened once: a netlink socket for each network
/// namespace, a pidfd for each process. For one thread at a time.
/// </summary>
internal sealed partial class SocketTables : IDisposable
{
    /// <summary>What it takes to reach into another process.</summary>
    internal const string RightsAdvice =
        "It takes the same user and the right to trace the process (kernel.yama.ptrace_scope=0), or root "
        + "(CAP_SYS_PTRACE).";

    // So many of each are kept open: a listing can lead to thousands of processes.
    private const int MostKept = 256;

    private readonly Dictionary<(ulong Inode, ulong Cookie), DiagSocket> _kernels = [];
    private readonly Dictionary<int, SafeFileHandle> _processes = [];
    private readonly Abi? _abi;

    /// <summary>Whose tables: this platform's, or another's for tests.</summary>
    internal Abi Abi
    {
        get => _abi ?? Abi.Current;
        init => _abi = value;
    }

    /// <summary>Told of a network namespace that could not be entered when several are listed; without it the error is
    /// thrown.</summary>
    internal Action<NativeSocketException>? Unreachable { get; init; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Clear(_kernels);
        Clear(_processes);
    }

    /// <summary>The kernel's answers about a network namespace; null is the own.</summary>
    /// <exception cref="PlatformNotSupportedException">Not Linux.</exception>
    /// <exception cref="NativeSocketException">The namespace is gone, or may not be entered.</exception>
    private DiagSocket Kernel(NetNamespace? network)
    {
        if (!_kernels.TryGetValue((network?.Inode ?? 0, network?.Cookie ?? 0), out DiagSocket? kernel))
        {
            kernel = Ask(network);
            Keep(_kernels, (network?.Inode ?? 0, network?.Cookie ?? 0), kernel);
        }

        return kernel;
    }

    private static DiagSocket Ask(NetNamespace? network)
    {
        if (network is null)
        {
            return new DiagSocket();
        }

        DiagSocket kernel = network.Run(static () => new DiagSocket());
        try
        {
            network.Recognize(kernel.NamespaceCookie);
            return kernel;
        }
        catch (NativeSocketException)
        {
            kernel.Dispose();
            throw;
        }
    }

    /// <summary>A copy of a process's descriptor.</summary>
    /// <exception cref="NativeSocketException"><c>ESRCH</c>: no such process; <c>EPERM</c>: no rights over it;
    /// <c>EBADF</c>: it has no such descriptor.</exception>
    private SafeFileHandle Copy(int process, int descriptor, string target)
    {
        bool known = _processes.TryGetValue(process, out SafeFileHandle? owner);
        if (!known)
        {
            owner = PidFd.Open(process);
            Keep(_processes, process, owner);
        }

        try
        {
            return PidFd.GetFd(owner!, descriptor, target);
        }
        catch (NativeSocketException ended) when (known && ended.Is(Errno.ESRCH))
        {
            // The process of then: another may have its id by now.
            _processes.Remove(process);
            owner!.Dispose();
            return Copy(process, descriptor, target);
        }
    }

    private static void Keep<TKey, TWay>(Dictionary<TKey, TWay> ways, TKey key, TWay way)
        where TKey : notnull
        where TWay : IDisposable
    {
        if (ways.Count >= MostKept)
        {
            Clear(ways);
        }

        ways.Add(key, way);
    }

    private static void Clear<TKey, TWay>(Dictionary<TKey, TWay> ways)
        where TKey : notnull
        where TWay : IDisposable
    {
        foreach (TWay way in ways.Values)
        {
            way.Dispose();
        }

        ways.Clear();
    }
}
