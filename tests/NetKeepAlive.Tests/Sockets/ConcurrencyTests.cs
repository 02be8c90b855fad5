using System;
using System.Collections.Concurrent;
using System.Linq;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Options;
using Xunit;

namespace NetKeepAlive.Tests.Sockets;

/// <summary>Eight threads use one socket while another closes it: they get expected errors, all of them end.</summary>
public sealed class ConcurrencyTests
{
    private const int Users = 8;

    [Theory]
    [InlineData(SocketType.Seqpacket)]
    [InlineData(SocketType.Dgram)]
    [InlineData(SocketType.Stream)]
    public async Task A_pair_is_closed_under_the_hands_of_eight(SocketType type)
    {
        Need.Linux();
        Random random = new(1);
        for (int round = 0; round < 10; round++)
        {
            (NetSocket near, NetSocket far) = UnixSockets.CreatePair(type);
            await Attack(near, far, random.Next(0, 15), round % 3 == 0);
        }
    }

    [Fact]
    public async Task A_connection_is_closed_under_the_hands_of_eight()
    {
        Random random = new(2);
        for (int round = 0; round < 10; round++)
        {
            using Connection tcp = new();
            NetSocket near = NetSocket.FromHandle(tcp.Client.SafeHandle);
            NetSocket far = NetSocket.FromHandle(tcp.Server.SafeHandle);
            await Attack(near, far, random.Next(0, 15), round % 3 == 0);
        }
    }

    [Fact]
    public async Task A_listener_is_closed_while_eight_accept()
    {
        Need.Linux();
        using TempFolder folder = new();
        for (int round = 0; round < 10; round++)
        {
            UnixAddress address = folder.Address("l" + round);
            SocketListener listener = UnixSockets.Listen(SocketType.Seqpacket, address);
            Task<Exception?>[] users = [.. Enumerable.Range(0, Users).Select(_ => Long(() => Until(() =>
            {
                while (true)
                {
                    listener.Accept(TimeSpan.FromSeconds(20)).Dispose();
                }
            })))];
            for (int i = 0; i < 20; i++)
            {
                UnixSockets.Connect(SocketType.Seqpacket, address).Dispose();
            }

            listener.Dispose();
            listener.Dispose();
            Assert.All(await Task.WhenAll(users), it => Assert.IsType<ObjectDisposedException>(it));
            Assert.Equal(0, listener.ConnectionCount);
            Assert.False(System.IO.File.Exists(folder["l" + round]));
        }
    }

    private static async Task Attack(NetSocket near, NetSocket far, int milliseconds, bool withEvents)
    {
        ConcurrentBag<Exception> unexpected = [];
        if (withEvents)
        {
            near.DataReceived += static (_, _) => { };
        }

        Task<Exception?>[] users = [.. Enumerable.Range(0, Users).Select(user => Long(() => Until(() =>
        {
            byte[] data = new byte[100];
            NetSocket mine = user < 6 ? near : far;
            while (true)
            {
                switch (user % 3)
                {
                    case 0:
                        mine.Send(data);
                        break;
                    case 1:
                        if (mine.Receive() is null)
                        {
                            return;
                        }

                        break;
                    default:
                        _ = SocketOptions.ReceiveBufferSize.Get(mine.Handle);
                        _ = $"{mine} {mine.State} {mine.LocalPath} {mine.PeerCredential}";
                        break;
                }
            }
        })))];
        await Task.Delay(milliseconds);
        Parallel.Invoke(near.Dispose, near.Dispose);
        far.Dispose();
        foreach (Exception? ended in await Task.WhenAll(users))
        {
            if (ended is not (null or ObjectDisposedException
                or NativeSocketException { Errno: "EPIPE" or "ECONNRESET" or "ECONNREFUSED" or "ENOTCONN" or "EBADF" }))
            {
                unexpected.Add(ended);
            }
        }

        Assert.Empty(unexpected);
    }

    // What it ended with; null where it ended by itself.
    private static Exception? Until(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (Exception ended)
        {
            return ended;
        }
    }

    private static Task<T> Long<T>(Func<T> action) => Task.Factory.StartNew(
        action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
