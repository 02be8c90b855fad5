using System.Net.Sockets;
using System.Runtime.InteropServices;
using Xunit;

namespace NetKeepAlive.Tests;

/// <summary>An MPTCP socket over IPv4 (socket(2), IPPROTO_MPTCP of linux/in.h), which .NET cannot make.</summary>
internal static class MptcpSocket
{
    private const int AfInet = 2;
    private const int SockStreamCloexec = 1 | 0x80000;
    private const int IpprotoMptcp = 262;

    /// <summary>Makes one; skips the test where the kernel has none.</summary>
    internal static SafeSocketHandle Create()
    {
        Need.Linux();
        int descriptor = socket(AfInet, SockStreamCloexec, IpprotoMptcp);
        Assert.SkipUnless(descriptor >= 0, "This kernel has no MPTCP.");
        return new SafeSocketHandle(descriptor, ownsHandle: true);
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int socket(int domain, int type, int protocol);
}
