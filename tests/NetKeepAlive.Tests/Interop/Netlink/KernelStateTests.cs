using System;
using System.Linq;
using System.Net.NetworkInformation;
using System.Numerics;
using NetKeepAlive.Interop.Netlink;
using Xunit;

namespace NetKeepAlive.Tests.Interop.Netlink;

public sealed class KernelStateTests
{
    [Fact]
    public void Every_state_that_is_asked_for_comes_back_as_itself_and_all_of_them_are_asked_for_when_none_is_named()
    {
        uint all = 0;
        foreach (TcpState state in Enum.GetValues<TcpState>().Except([TcpState.Unknown, TcpState.DeleteTcb]))
        {
            uint bits = KernelState.ToBits(state);
            Assert.NotEqual(0u, bits);
            Assert.Equal(0u, bits & all);
            all |= bits;
            for (; bits != 0; bits &= bits - 1)
            {
                Assert.Equal(state, KernelState.ToTcpState((byte)BitOperations.TrailingZeroCount(bits)));
            }
        }

        Assert.Equal(KernelState.All, all & KernelState.All);
    }

    [Fact]
    public void States_that_the_kernel_lacks_match_nothing()
    {
        Assert.Equal(0u, KernelState.ToBits(TcpState.DeleteTcb));
        Assert.Equal(TcpState.Unknown, KernelState.ToTcpState(0));
        Assert.Equal(TcpState.Unknown, KernelState.ToTcpState(99));
    }
}
