using System;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Netlink;
using NetKeepAlive.Tables;
using Xunit;

namespace NetKeepAlive.Tests.Tables;

/// <summary>A netlink socket takes messages from whoever may send, unless it is connected to the kernel.</summary>
public sealed class NetlinkSenderTests
{
    public NetlinkSenderTests() => Need.Linux();

    [Fact]
    public void Nobody_but_the_kernel_answers()
    {
        using SafeFileHandle asking = Open();
        Assert.SkipWhen(Send(asking) is "EPERM", "only root sends to another's netlink socket");
        Assert.Null(Send(asking));
        DiagSocket.ConnectToKernel(asking, "a test");
        Assert.Equal("ECONNREFUSED", Send(asking));
    }

    // What another sends to it, with its own port, as root.
    private static string? Send(SafeFileHandle to)
    {
        using SafeFileHandle stranger = Open();
        Span<byte> name = stackalloc byte[NetlinkAbi.AddressSize];
        using (HeldDescriptor descriptor = new(to))
        {
            Assert.Equal(0, GetName(descriptor.Number, name));
        }

        return Libc.Connect(stranger, name) is { } refused ? refused.Name
            : Libc.SendTo(stranger, new byte[NetlinkAbi.HeaderSize], default) is < 0 and int answer
                ? Errno.FromNumber(-answer).Name
            : null;
    }

    private static SafeFileHandle Open()
    {
        SafeFileHandle socket = Libc.OpenNetlink(
            NetlinkAbi.AfNetlink, NetlinkAbi.SockRaw | Abi.Current.SockCloexec, NetlinkAbi.NetlinkSockDiag, "a test");
        Span<byte> any = stackalloc byte[NetlinkAbi.AddressSize];
        NetlinkAbi.WriteAddress(any, groups: 0);
        Libc.Bind(socket, any, "a test");
        return socket;
    }

    private static unsafe int GetName(int socket, Span<byte> name)
    {
        int length = name.Length;
        fixed (byte* bytes = name)
        {
            return getsockname(socket, bytes, &length);
        }
    }

    [DllImport("libc")]
    private static extern unsafe int getsockname(int socket, byte* name, int* length);
}
