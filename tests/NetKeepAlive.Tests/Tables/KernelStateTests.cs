using System;
using System.Linq;
using System.Numerics;
using NetKeepAlive.Tables;
using Xunit;

namespace NetKeepAlive.Tests.Tables;

public sealed class KernelStateTests
{
    [Fact]
    public void Every_state_that_is_asked_for_comes_back_as_itself_and_all_of_them_are_asked_for_when_none_is_named()
    {
        uint all = 0;
        foreach (TcpConnectionState state in Enum.GetValues<TcpConnectionState>().Except([TcpConnectionState.Unknown]))
        {
            uint bits = KernelState.ToBits(state);
            Assert.NotEqual(0u, bits);
            Assert.Equal(0u, bits & all);
            all |= bits;
            for (; bits != 0; bits &= bits - 1)
            {
                Assert.Equal(state, KernelState.FromKernel((byte)BitOperations.TrailingZeroCount(bits)));
            }
        }

        Assert.Equal(KernelState.All, all & KernelState.All);
    }

    [Fact]
    public void States_that_the_kernel_lacks_match_nothing()
    {
        Assert.Equal(0u, KernelState.ToBits(TcpConnectionState.Unknown));
        Assert.Equal(TcpConnectionState.Unknown, KernelState.FromKernel(0));
        Assert.Equal(TcpConnectionState.Unknown, KernelState.FromKernel(99));
    }
}
