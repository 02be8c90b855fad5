using System;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using NetKeepAlive.Addresses;
using NetKeepAlive.Interop;
using NetKeepAlive.Tables;
using Xunit;

namespace NetKeepAlive.Tests.Tables;

/// <summary>The system's sockets as .NET lists them: what macOS has. Every platform's tests run it.</summary>
public sealed class RuntimeTableTests
{
    private static readonly Abi Darwin = Abi.Of(Platform.Darwin);

    [Fact]
    public void A_connection_and_its_listener_are_listed_with_addresses_ports_and_states_alone()
    {
        using TcpPair pair = new();
        using SocketTables tables = new() { Abi = Darwin };
        int port = pair.Listener.LocalPort!.Value;
        TcpConnection connection = Assert.Single(
            tables.List(new TcpConnectionFilter { RemotePort = [new PortRange(port, port)] }),
            row => row.LocalPort == pair.Client.LocalPort);
        Assert.Equal(("127.0.0.1", "127.0.0.1"), (connection.LocalAddress, connection.RemoteAddress));
        Assert.Equal((port, TcpConnectionState.Established), (connection.RemotePort, connection.State));
        Assert.Null(connection.OwningProcess);
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
        TcpConnection listener = Assert.Single(tables.List(listening));
        Assert.Equal((TcpConnectionState.Listen, 0), (listener.State, listener.RemotePort));
        Assert.Null(listener.Backlog);

        // The same connection in the next listing, and no other.
        Assert.Contains(tables.List(new TcpConnectionFilter()), row => row.Cookie == connection.Cookie);
        Assert.NotEqual(listener.Cookie, connection.Cookie);
    }

    [Fact]
    public void Udp_sockets_are_listed()
    {
        using Socket udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        udp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        int port = ((IPEndPoint)udp.LocalEndPoint!).Port;
        using SocketTables tables = new() { Abi = Darwin };
        UdpEndpoint endpoint = Assert.Single(
            tables.ListUdp(new TcpConnectionFilter { LocalPort = [new PortRange(port, port)] }));
        Assert.Equal("127.0.0.1", endpoint.LocalAddress);
        Assert.Null(endpoint.RemoteAddress);
        Assert.Null(endpoint.ReceiveQueue);
        Assert.Null(endpoint.UserId);
    }

    [Fact]
    public void What_is_not_told_there_is_not_supported()
    {
        using SocketTables tables = new() { Abi = Darwin };
        TcpConnectionFilter[] untold =
        [
            new() { KeepAlive = true },
            new() { IdleTimeOver = TimeSpan.FromMinutes(1) },
            new() { Processes = new ProcessFilter { Ids = [1] } },
        ];
        Assert.All(
            untold, filter => Assert.Throws<PlatformNotSupportedException>(() => tables.List(filter).Count()));

        Assert.Empty(tables.OpenDestroyed(new TcpConnectionFilter()));
    }
}
