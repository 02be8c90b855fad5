using System;
using System.Net.Sockets;
using NetKeepAlive.Options;
using Xunit;

namespace NetKeepAlive.Tests.Options;

public sealed class SystemKeepAliveTests
{
    [Fact]
    public void New_defaults_rule_the_sockets_that_are_set_to_nothing() => NetworkNamespace.Run(static () =>
    {
        using Socket plain = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using Socket set = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        new TcpKeepAlive { IdleTime = TimeSpan.FromSeconds(50) }.Apply(set);
        SystemKeepAlive.Write(new TcpKeepAlive { IdleTime = TimeSpan.FromSeconds(70), Interval = TimeSpan.FromSeconds(8) });
        int probes = SystemKeepAlive.Read().ProbeCount!.Value;
        SystemKeepAlive.Write(new TcpKeepAlive { ProbeCount = probes + 1 });
        TcpKeepAlive now = SystemKeepAlive.Read();
        Assert.Equal(TimeSpan.FromSeconds(70), now.IdleTime);
        Assert.Equal(TimeSpan.FromSeconds(8), now.Interval);
        Assert.Equal(probes + 1, now.ProbeCount);
        Assert.Equal(TimeSpan.FromSeconds(70), TcpKeepAlive.Read(plain).IdleTime);
        Assert.Equal(TimeSpan.FromSeconds(50), TcpKeepAlive.Read(set).IdleTime);
    });

    [Fact]
    public void Values_out_of_range_change_nothing() => NetworkNamespace.Run(static () =>
    {
        TcpKeepAlive before = SystemKeepAlive.Read();
        Assert.Throws<ArgumentOutOfRangeException>(
            () => SystemKeepAlive.Write(new TcpKeepAlive { IdleTime = TimeSpan.FromSeconds(60), ProbeCount = 0 }));
        Assert.Equal(before, SystemKeepAlive.Read());
    });
}
