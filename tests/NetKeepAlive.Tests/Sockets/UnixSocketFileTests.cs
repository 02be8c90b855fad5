using System;
using System.IO;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Sockets.Unix;
using Xunit;

namespace NetKeepAlive.Tests.Sockets;

[UnsupportedOSPlatform("windows")]
public sealed class UnixSocketFileTests
{
    private const UnixFileMode All = UnixSockets.OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupWrite
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    [Fact]
    public void A_name_that_was_swapped_for_a_link_leaves_the_links_file_as_it_is()
    {
        using TempFolder folder = new();
        string secret = folder["secret"];
        File.WriteAllText(secret, "x");
        File.SetUnixFileMode(secret, UnixSockets.OwnerOnly);
        File.CreateSymbolicLink(folder["s"], secret);
        Assert.Null(SocketFileMode.Complete(folder["s"], All));
        Assert.Equal(UnixSockets.OwnerOnly, File.GetUnixFileMode(secret));
    }

    [Fact]
    public void The_file_has_the_mode_that_was_asked_for_whatever_the_umask()
    {
        using TempFolder folder = new();
        using SocketListener listener = UnixSockets.Listen(
            SocketType.Stream, UnixAddress.FromPath(folder["s"]), mode: All);
        Assert.Equal(All, File.GetUnixFileMode(folder["s"]));
    }

    [Fact]
    public void Of_many_that_take_the_place_of_one_stale_file_one_serves()
    {
        using TempFolder folder = new();
        string path = folder["s"];
        for (int round = 0; round < Rounds.Of(50); round++)
        {
            using (Socket stale = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
            {
                stale.Bind(new UnixDomainSocketEndPoint(path));
                File.Move(path, path + ".kept");
            }

            File.Move(path + ".kept", path);
            // A process that another test starts has a copy of every descriptor until its program runs.
            UnixAddress address = UnixAddress.FromPath(path);
            Eventually.Is(() => !StaleSocketFile.IsServed(address), "a file that nobody serves");
            int served = 0;
            using Barrier together = new(4);
            SocketListener?[] all = new SocketListener?[4];
            Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
            {
                together.SignalAndWait(TimeSpan.FromMilliseconds(200));
                try
                {
                    all[i] = UnixSockets.Listen(SocketType.Stream, address, force: true);
                    Interlocked.Increment(ref served);
                }
                catch (NativeSocketException taken)
                {
                    Assert.Equal("EADDRINUSE", taken.Errno);
                }
            });
            Assert.Equal(1, served);
            Array.ForEach(all, static it => it?.Dispose());
            Assert.False(File.Exists(path));
        }
    }

    [Fact]
    public void The_file_of_a_listener_that_was_handed_on_stays()
    {
        Need.Seqpacket();
        using TempFolder folder = new();
        (NetSocket a, NetSocket b) = UnixSockets.CreatePair(SocketType.Seqpacket);
        using (a)
        using (b)
        {
            SocketListener listener = UnixSockets.Listen(SocketType.Stream, UnixAddress.FromPath(folder["s"]));
            a.SendHandles(new SafeHandle[] { listener.Handle }, "x"u8);
            listener.Close();
            Assert.True(File.Exists(folder["s"]));
            using SocketMessage message = b.Receive(TcpPair.Limit)!;
            using NetSocket client = UnixSockets.Connect(SocketType.Stream, UnixAddress.FromPath(folder["s"]));
            using NetSocket accepted = Assert.IsType<SocketListener>(Assert.Single(message.Handles)).Accept(TcpPair.Limit);
        }
    }
}
