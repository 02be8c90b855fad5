using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using NetKeepAlive.Addresses;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Netlink;
using NetKeepAlive.Tables;
using Xunit;

namespace NetKeepAlive.Tests.Tables;

public sealed class TcpConnectionTableTests
{
    public TcpConnectionTableTests() => Assert.SkipUnless(CurrentPlatform.Value is Platform.Linux, "Linux only");

    [Theory]
    [InlineData(AddressFamily.InterNetwork, "127.0.0.1")]
    [InlineData(AddressFamily.InterNetworkV6, "::1")]
    public void A_connection_is_listed_with_its_owner(AddressFamily family, string address)
    {
        using Connection connection = new(family);
        TcpConnection row = null!;

        // A process that is just being started may be seen with a copy.
        Eventually.Is(
            () => (row = Find(connection.Client)).OwningProcess == Environment.ProcessId, "this process to be the owner");
        Assert.Equal(address, row.LocalAddress);
        Assert.Equal(Port(connection.Client), row.LocalPort);
        Assert.Equal(address, row.RemoteAddress);
        Assert.Equal(Port(connection.Server), row.RemotePort);
        Assert.Equal(TcpConnectionState.Established, row.State);
        Assert.Equal(Environment.ProcessId, row.OwningProcess);
        Assert.Equal((int)connection.Client.Handle, row.FileDescriptor);
        Assert.Equal(family, row.AddressFamily);
        Assert.NotNull(row.OwningProcessName);
        Assert.NotEqual(0, row.Inode);
    }

    [Fact]
    public void An_IPv4_connection_of_an_IPv6_socket_is_shown_as_the_kernel_has_it_and_found_by_either_address()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using Socket client = new(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
        client.Connect(listener.LocalEndPoint!);
        foreach (string pattern in (string[])["127.0.0.1", "127.0.0.0/8", "::ffff:127.0.0.1", "::ffff:0:0/96"])
        {
            TcpConnection row = Assert.Single(Listing.Tcp(new TcpConnectionFilter
            {
                LocalPort = Ports.Of(Port(client)),
                RemotePort = Ports.Of(Port(listener)),
                LocalAddress = [AddressPattern.Parse(pattern)],
            }));
            Assert.Equal("::ffff:127.0.0.1", row.LocalAddress);
        }

        Assert.Empty(Listing.Tcp(new TcpConnectionFilter
        {
            LocalPort = Ports.Of(Port(client)),
            RemotePort = Ports.Of(Port(listener)),
            LocalAddress = [AddressPattern.Parse("10.0.0.0/8"), AddressPattern.Parse("::1")],
        }));
    }

    [Fact]
    public void The_kernel_filters_as_this_side_does()
    {
        using Connection four = new();
        using Connection six = new(AddressFamily.InterNetworkV6);
        int[] ports = [Port(four.Client), Port(four.Server), Port(six.Client), Port(six.Server)];
        Random random = new(11);
        string[] patterns = ["127.0.0.1", "127.0.0.0/8", "0.0.0.0/0", "10.0.0.0/8", "::1", "::/0", "fe80::/10", "127.0.0.1/31"];
        for (int i = 0; i < 300; i++)
        {
            TcpConnectionFilter filter = new()
            {
                LocalAddress = Some(random, patterns).Select(AddressPattern.Parse).ToList(),
                LocalPort = [.. Ports.Of(Some(random, ports)), .. Ranges(random, ports)],
                RemoteAddress = Some(random, patterns).Select(AddressPattern.Parse).ToList(),
                RemotePort = Ports.Of([.. Some(random, ports), .. Some(random, [1, 2, 3])]),
            };
            HashSet<ulong> ours = Cookies(ports, Everything().Where(filter.Matches));
            HashSet<ulong> kernels = Cookies(ports, Ask(filter));
            Assert.Equal(ours.Order(), kernels.Order());
        }
    }

    [Fact]
    public void A_filter_that_is_too_long_for_the_kernel_still_filters()
    {
        using Connection connection = new();
        TcpConnectionFilter filter = new()
        {
            LocalPort = Ports.Of([Port(connection.Client), .. Enumerable.Repeat(1, 10_000)]),
            RemotePort = Ports.Of(Port(connection.Server)),
        };
        Assert.Null(filter.Compile());
        Assert.Single(Listing.Tcp(filter));
    }

    [Fact]
    public void Only_the_named_processes_are_listed()
    {
        using Connection connection = new();
        Assert.All(
            Listing.Tcp(new TcpConnectionFilter { Processes = new ProcessFilter { Ids = [Environment.ProcessId] } }),
            row => Assert.Equal(Environment.ProcessId, row.OwningProcess));
        Assert.Empty(Listing.Tcp(
            new TcpConnectionFilter { Processes = new ProcessFilter { Ids = [int.MaxValue] }, LocalPort = Ports.Of(Port(connection.Client)) }));
    }

    [Fact]
    public void Info_from_the_table_agrees_with_the_socket()
    {
        using Connection connection = new();
        connection.Client.Send(new byte[1000]);
        connection.Server.Receive(new byte[1000]);
        Eventually.Is(
            () => TcpInfo.Read(connection.Client.SafeHandle).Unacknowledged == 0, "the data to be acknowledged");
        using SocketTables tables = new();
        TcpInfo listed = tables.ReadInfo(Find(connection.Client));
        TcpInfo own = TcpInfo.Read(connection.Client.SafeHandle);
        Assert.Equal(TcpConnectionState.Established, listed.State);
        Assert.Equal(own.BytesSent, listed.BytesSent);
        Assert.Equal(1000, listed.BytesSent);
        Assert.Equal(own.SegmentsSent, listed.SegmentsSent);
        Assert.Equal(own.RoundTripTime, listed.RoundTripTime);
        Assert.Equal(1000, TcpInfo.Read(connection.Server.SafeHandle).BytesReceived);
    }

    [Fact]
    public void A_socket_that_is_only_bound_is_listed_when_Closed_is_asked_for()
    {
        Assert.SkipUnless(Environment.OSVersion.Version >= new Version(6, 8), "a kernel before 6.8 does not list these");
        using Socket bound = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        bound.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        TcpConnection row = Assert.Single(Listing.Tcp(
            new TcpConnectionFilter { LocalPort = Ports.Of(Port(bound)), State = [TcpConnectionState.Closed] }));
        Assert.Equal(TcpConnectionState.Closed, row.State);
        Assert.DoesNotContain(
            Listing.Tcp(new TcpConnectionFilter { LocalPort = Ports.Of(Port(bound)) }),
            other => other.State is TcpConnectionState.Closed);
    }

    private static TcpConnection Find(Socket socket) => Assert.Single(
        Listing.Tcp(new TcpConnectionFilter { LocalPort = Ports.Of(Port(socket)) }),
        row => row.RemotePort == ((IPEndPoint)socket.RemoteEndPoint!).Port);

    private static int Port(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    // At most one, from any of the ports to any other.
    private static PortRange[] Ranges(Random random, int[] ports)
    {
        int[] ends = ports.OrderBy(_ => random.Next()).Take(2).Order().ToArray();
        return random.Next(2) == 0 ? [] : [new PortRange(ends[0], ends[1])];
    }

    private static List<T> Some<T>(Random random, T[] all) => all.Where(_ => random.Next(3) == 0).ToList();

    private static List<DiagRecord> Everything() => Ask(new TcpConnectionFilter());

    // Straight from the kernel, without the second look of this side.
    private static List<DiagRecord> Ask(TcpConnectionFilter filter)
    {
        List<DiagRecord> all = [];
        using DiagSocket socket = new();
        foreach (bool isIPv6 in (bool[])[false, true])
        {
            foreach (List<DiagRecord> batch in socket.Dump(isIPv6, filter.States, filter.Compile()!, out _))
            {
                all.AddRange(batch);
            }
        }

        return all;
    }

    private static HashSet<ulong> Cookies(int[] ports, IEnumerable<DiagRecord> records) => records
        .Where(record => ports.Contains(record.Identity.SourcePort) && ports.Contains(record.Identity.DestinationPort))
        .Select(record => record.Identity.Cookie)
        .ToHashSet();
}
