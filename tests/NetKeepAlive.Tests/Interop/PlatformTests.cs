using System;
using NetKeepAlive.Interop;
using NetKeepAlive.Options;
using Xunit;

namespace NetKeepAlive.Tests.Interop;

public sealed class PlatformTests
{
    [Fact]
    public void What_a_platform_lacks_is_PlatformNotSupported_and_says_where_it_is()
    {
        PlatformNotSupportedException error = CurrentPlatform.NotSupported("A seqpacket socket", Platform.Darwin);
        Assert.Equal(
            "A seqpacket socket is not available on macOS.", error.Message);
        Assert.Contains(
            "this operating system", CurrentPlatform.NotSupported("Get-TcpInfo", Platform.Other).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("UserTimeout")]
    [InlineData("KeepAliveIdleTime")]
    [InlineData("KeepAlive")]
    public void Keep_alive_has_numbers_on_Linux_and_macOS_and_on_no_other_system(string name)
    {
        SocketOption option = SocketOptions.Find(name)!;
        Assert.NotNull(option.NumberOn(Platform.Linux));
        Assert.NotNull(option.NumberOn(Platform.Darwin));
        Assert.Null(option.NumberOn(Platform.Other));
    }
}
