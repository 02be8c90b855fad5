using System;
using System.Linq;
using System.Net.Sockets;
using System.Threading.Tasks;
using NetKeepAlive.Interop;
using Xunit;

namespace NetKeepAlive.Tests.Sockets;

/// <summary>Two holders of one socket, as two processes are: neither knows of the other's receives.</summary>
public sealed class SharedReadersTests
{
    private const int Messages = 20_000;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public SharedReadersTests() => Need.Linux();

    [Theory]
    [InlineData(SocketType.Dgram)]
    [InlineData(SocketType.Seqpacket)]
    public async Task Each_message_comes_whole_to_one_of_them(SocketType type)
    {
        (NetSocket near, NetSocket far) = UnixSockets.CreatePair(type);
        using (near)
        using (far)
        using (NetSocket again = NetSocket.FromHandle(RuntimeShim.Duplicate(far.Handle)))
        {
            Task<(long Messages, long Bytes)>[] readers = [Read(far), Read(again)];
            Random random = new(1);
            byte[] data = new byte[8000];
            long bytes = 0;
            for (int i = 0; i < Messages; i++)
            {
                // Short ones among long ones: whoever made room for the one gets the other.
                int length = random.Next(2) == 0 ? random.Next(1, 20) : random.Next(1000, data.Length);
                near.Send(data.AsSpan(0, length), Limit);
                bytes += length;
            }

            // An empty one ends a reader.
            near.Send(default, Limit);
            near.Send(default, Limit);
            (long Messages, long Bytes)[] read = await Task.WhenAll(readers).WaitAsync(Limit);
            Assert.Equal(Messages, read.Sum(static it => it.Messages));
            Assert.Equal(bytes, read.Sum(static it => it.Bytes));
        }
    }

    private static Task<(long Messages, long Bytes)> Read(NetSocket socket) => Task.Run(() =>
    {
        (long Messages, long Bytes) read = default;
        while (socket.Receive(Limit) is { Length: > 0 } message)
        {
            Assert.False(message.Truncated);
            read = (read.Messages + 1, read.Bytes + message.Length);
        }

        return read;
    });
}
