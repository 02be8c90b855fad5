using System.IO;
using System.Net.Sockets;
using Xunit;

namespace NetKeepAlive.Tests.Sockets;

/// <summary>Counts the descriptors of the process, so nothing may run beside it.</summary>
[Collection(nameof(LeakTests))]
[CollectionDefinition(nameof(LeakTests), DisableParallelization = true)]
public sealed class LeakTests
{
    [Fact]
    public void Nothing_leaks_over_100_000_cycles()
    {
        Need.Linux();
        using TempFolder folder = new();
        UnixAddress address = folder.Address("s");
        void Cycle()
        {
            using UnixDatagramSocket server = UnixSockets.CreateDatagram(address);
            (NetSocket a, NetSocket b) = UnixSockets.CreatePair(SocketType.Seqpacket);
            a.Dispose();
            b.Dispose();
        }

        Cycle();
        int before = Directory.GetFileSystemEntries("/proc/self/fd").Length;
        for (int i = 0; i < 33_334; i++)
        {
            Cycle();
        }

        // The runtime may have opened some of its own; what leaks here would be thousands.
        Assert.InRange(Directory.GetFileSystemEntries("/proc/self/fd").Length, 0, before + 200);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }
}
