using System;
using System.Threading.Tasks;
using Xunit;

namespace NetKeepAlive.Tests.Sockets;

/// <summary>The .NET socket of one of this module's.</summary>
public sealed class NetSocketTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Briefly = TimeSpan.FromMilliseconds(200);

    // On macOS O_NONBLOCK is the listener's, which is non-blocking (W6 of its differences).
    [Fact]
    public async Task The_NET_socket_of_an_accepted_one_waits_in_its_calls()
    {
        using TcpPair pair = new();
        Task<int> reading = Task.Run(() => pair.Server.GetStream().Read(new byte[4]));
        Assert.True(await Task.WhenAny(reading, Task.Delay(Briefly)) != reading, reading.Exception?.ToString());
        pair.Client.Send("ab"u8);
        Assert.Equal(2, await reading.WaitAsync(Soon));
        Task<int> receiving = Task.Run(() => pair.Server.Socket.Receive(new byte[4]));
        Assert.True(await Task.WhenAny(receiving, Task.Delay(Briefly)) != receiving, receiving.Exception?.ToString());
        pair.Client.Send("abc"u8);
        Assert.Equal(3, await receiving.WaitAsync(Soon));
    }
}
