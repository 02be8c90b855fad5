using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using NetKeepAlive.Addresses;
using NetKeepAlive.Interop;
using NetKeepAlive.Tables;
using Xunit;

namespace NetKeepAlive.Tests.Tables;

/// <summary>The system's sockets as .NET lists them, with who holds them: what macOS has. Every platform's tests run
/// it.</summary>
public sealed class RuntimeTableTests
{
    // Only macOS has libproc; elsewhere nobody is seen.
    private static readonly Abi Darwin = CurrentPlatform.Value is Platform.Darwin
        ? Abi.Current
        : Abi.Of(Platform.Darwin) with { SocketsOfProcess = static _ => [] };

    [Fact]
    public void A_connection_and_its_listener_are_listed_with_addresses_ports_and_states()
    {
        using TcpPair pair = new();
        using SocketTables tables = new() { Abi = Darwin };
        int port = pair.Listener.LocalPort!.Value;
        TcpConnection connection = Find(
            () => tables.List(new TcpConnectionFilter { RemotePort = [new PortRange(port, port)] }),
            row => row.LocalPort == pair.Client.LocalPort);
        Assert.Equal(("127.0.0.1", "127.0.0.1"), (connection.LocalAddress, connection.RemoteAddress));
        Assert.Equal((port, TcpConnectionState.Established), (connection.RemotePort, connection.State));
        Assert.Null(connection.UserId);
        Assert.Null(connection.Timer);
        Assert.Null(connection.TimerExpires);
        Assert.Null(connection.Retransmits);
        Assert.Null(connection.ReceiveQueue);
        Assert.Null(connection.Info);

        TcpConnectionFilter listening = new()
        {
            LocalPort = [new PortRange(port, port)],
            State = [TcpConnectionState.Listen],
        };
        TcpConnection listener = Find(() => tables.List(listening));
        Assert.Equal((TcpConnectionState.Listen, 0), (listener.State, listener.RemotePort));
        Assert.Null(listener.Backlog);

        // The same connection in the next listing, and no other.
        Find(() => tables.List(new TcpConnectionFilter()), row => row.Cookie == connection.Cookie);
        Assert.NotEqual(listener.Cookie, connection.Cookie);
    }

    [Fact]
    public void Udp_sockets_are_listed()
    {
        using Socket udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        udp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        int port = ((IPEndPoint)udp.LocalEndPoint!).Port;
        using SocketTables tables = new() { Abi = Darwin };
        UdpEndpoint endpoint = Find(
            () => tables.ListUdp(new TcpConnectionFilter { LocalPort = [new PortRange(port, port)] }));
        Assert.Equal("127.0.0.1", endpoint.LocalAddress);
        Assert.Null(endpoint.RemoteAddress);
        Assert.Null(endpoint.ReceiveQueue);
        Assert.Null(endpoint.UserId);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void Owners_are_found_by_the_addresses(string address)
    {
        using Connection connection = new(IPAddress.Parse(address).AddressFamily);
        IPEndPoint client = (IPEndPoint)connection.Client.LocalEndPoint!;
        IPEndPoint server = (IPEndPoint)connection.Server.LocalEndPoint!;
        Abi abi = Darwin with
        {
            SocketsOfProcess = process => process == Environment.ProcessId
                ? [new(7, true, client, server), new(8, true, server, client), new(9, false, client, server)]
                : [],
        };
        using SocketTables tables = new() { Abi = abi };
        TcpConnectionFilter filter = new() { RemotePort = [new PortRange(server.Port, server.Port)] };
        TcpConnection row = Find(() => tables.List(filter), it => it.LocalPort == client.Port);
        Assert.Equal((Environment.ProcessId, 7), (row.OwningProcess, row.FileDescriptor));
        Assert.NotEmpty(row.OwningProcessName!);
        TcpConnectionFilter mine = new() { Processes = new ProcessFilter { Ids = [Environment.ProcessId] } };
        List<int> held = [];
        Eventually.Is(
            () => (held = [.. Once(tables.List(mine)).Select(static it => it.FileDescriptor!.Value).Order()]).Count >= 2,
            "both rows to be listed");
        Assert.Equal([7, 8], held);
        Assert.Empty(tables.List(filter with { Processes = new ProcessFilter { Ids = [1] } }));
    }

    [Fact]
    public void The_systems_own_library_tells_the_owners()
    {
        Need.Darwin();
        using TcpPair pair = new();
        using Socket udp = new(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
        udp.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        using SocketTables tables = new();
        ProcessFilter mine = new() { Ids = [Environment.ProcessId] };
        List<TcpConnection> rows = tables.List(new TcpConnectionFilter { Processes = mine }).ToList();
        foreach (SocketObject held in new SocketObject[] { pair.Listener, pair.Client, pair.Server })
        {
            TcpConnection row = Assert.Single(
                rows, it => it.LocalPort == held.LocalPort
                    && it.RemotePort == ((held as NetSocket)?.RemotePort ?? 0));
            Assert.Equal(Environment.ProcessId, row.OwningProcess);
            Assert.Equal((int)held.Handle.DangerousGetHandle(), row.FileDescriptor);
        }

        string name = rows[0].OwningProcessName!;
        Assert.NotEmpty(tables.List(
            new TcpConnectionFilter { Processes = new ProcessFilter { Name = it => it == name } }));
        UdpEndpoint endpoint = Assert.Single(
            tables.ListUdp(new TcpConnectionFilter { Processes = mine }),
            it => it.LocalPort == ((IPEndPoint)udp.LocalEndPoint!).Port);
        Assert.Equal((int)udp.Handle, endpoint.FileDescriptor);
    }

    [Fact]
    public void What_is_not_told_there_is_not_supported()
    {
        using SocketTables tables = new() { Abi = Darwin };
        TcpConnectionFilter[] untold =
        [
            new() { KeepAlive = true },
            new() { IdleTimeOver = TimeSpan.FromMinutes(1) },
        ];
        Assert.All(
            untold, filter => Assert.Throws<PlatformNotSupportedException>(() => tables.List(filter).Count()));

        Assert.Empty(tables.OpenDestroyed(new TcpConnectionFilter()));
    }

    // .NET reads /proc/net here, which can leave out a row or tell it twice while other sockets come and go.
    private static T Find<T>(Func<IEnumerable<T>> list, Func<T, bool>? isMeant = null)
        where T : SocketRow
    {
        List<T> found = [];
        Eventually.Is(
            () => (found = [.. Once(list()).Where(isMeant ?? (static _ => true))]).Count > 0, "the row to be listed");
        return Assert.Single(found);
    }

    private static IEnumerable<T> Once<T>(IEnumerable<T> rows)
        where T : SocketRow => rows.DistinctBy(static row => row.Cookie);
}
