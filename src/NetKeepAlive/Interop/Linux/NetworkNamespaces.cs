using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace NetKeepAlive.Interop.Linux;

/// <summary>Network namespaces (network_namespaces(7)): entering one, the one of a socket, and what tells one from
/// another.</summary>
internal static class NetworkNamespaces
{
    private const int CloneNewNet = 0x40000000; // linux/sched.h
    private const int GetSocketNamespace = 0x894C; // SIOCGSKNS of linux/sockios.h
    private const int CookieOption = 71; // SO_NETNS_COOKIE of asm-generic/socket.h

    /// <summary>Moves the calling thread, and it alone, into a namespace: setns(2). For a thread of its own.</summary>
    /// <exception cref="NativeSocketException"><c>EPERM</c>: no CAP_SYS_ADMIN; <c>EINVAL</c>: no network
    /// namespace.</exception>
    internal static void Enter(SafeHandle network, string target)
    {
        using HeldDescriptor descriptor = new(network);
        if (SystemCall.Invoke(SystemCall.SetNs, descriptor.Number, CloneNewNet) < 0)
        {
            throw NativeSocketException.FromLastError("setns", target);
        }
    }

    /// <summary>The namespace of a socket, as a descriptor.</summary>
    /// <exception cref="NativeSocketException"><c>EPERM</c>: no CAP_NET_ADMIN there.</exception>
    internal static SafeFileHandle Of(SafeHandle socket, string target)
    {
        using HeldDescriptor descriptor = new(socket);
        nint fd = SystemCall.Invoke(SystemCall.Ioctl, descriptor.Number, GetSocketNamespace);
        return fd < 0
            ? throw NativeSocketException.FromLastError("ioctl SIOCGSKNS", target)
            : new SafeFileHandle(fd, ownsHandle: true);
    }

    /// <summary>The number of a socket's namespace, which the kernel never gives again; 0 where this kernel has none
    /// (older than 5.15).</summary>
    internal static ulong Cookie(SafeHandle socket)
    {
        using HeldDescriptor descriptor = new(socket);
        System.Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        try
        {
            Libc.GetSockOpt(descriptor, Abi.Current.SolSocket, CookieOption, bytes, "SO_NETNS_COOKIE");
            return MemoryMarshal.Read<ulong>(bytes);
        }
        catch (NativeSocketException error) when (error.Is(Errno.ENOPROTOOPT))
        {
            return 0;
        }
    }
}
