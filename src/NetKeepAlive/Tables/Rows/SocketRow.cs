using NetKeepAlive.Tables;

namespace NetKeepAlive;

/// <summary>A row of one of the system's tables, for which the process that holds the socket is looked up.</summary>
public abstract class SocketRow
{
    private protected SocketRow(NetNamespace? network) => Network = network;

    /// <summary>The process that holds the socket; null where none does (a TCP connection in TimeWait or SynReceived, or
    /// not yet accepted; the kernel's own), and where this user may not see it. The lowest id where several processes
    /// do.</summary>
    public int? OwningProcess { get; private set; }

    /// <summary>That process's name, on Linux at most 15 characters; control characters are escaped.</summary>
    public string? OwningProcessName { get; private set; }

    /// <summary>The socket's descriptor in that process.</summary>
    public int? FileDescriptor { get; private set; }

    /// <summary>The socket's inode, as <c>/proc/PID/fd</c> shows it; 0 where no process holds it.</summary>
    public abstract long Inode { get; }

    /// <summary>The number of the user who opened the socket; null where the kernel does not say.</summary>
    public abstract long? UserId { get; }

    /// <summary>The kernel's number of this socket, never given twice while the system runs.</summary>
    public abstract ulong Cookie { get; }

    /// <summary>The network namespace that the socket is in: its name under /run/netns, or a path; null where it is that
    /// of this process.</summary>
    public string? NetworkNamespace => Network?.Name;

    internal NetNamespace? Network { get; }

    /// <summary>Takes over the owner that an earlier row of the same socket had.</summary>
    internal void TakeOwner(SocketRow before)
    {
        OwningProcess = before.OwningProcess;
        FileDescriptor = before.FileDescriptor;
        OwningProcessName = before.OwningProcessName;
    }

    internal void SetOwner(SocketOwner owner, string? name)
    {
        OwningProcess = owner.ProcessId;
        FileDescriptor = owner.FileDescriptor;
        OwningProcessName = name;
    }
}
