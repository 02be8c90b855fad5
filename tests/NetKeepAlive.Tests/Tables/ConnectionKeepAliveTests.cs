using System;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using NetKeepAlive.Holders;
using NetKeepAlive.Tables;
using Xunit;

namespace NetKeepAlive.Tests.Tables;

public sealed class ConnectionKeepAliveTests
{
    public ConnectionKeepAliveTests() => Need.Linux();

    [Fact]
    public void A_row_gets_the_settings_of_its_socket()
    {
        using Connection connection = new();
        new TcpKeepAlive { Enabled = true, IdleTime = TimeSpan.FromSeconds(77), ProbeCount = 6 }
            .Apply(connection.Client.SafeHandle);
        using SocketTables tables = new();
        TcpConnection client = Row(connection.Client);
        TcpConnection server = Row(connection.Server);
        tables.ReadKeepAlive(client);
        tables.ReadKeepAlive(server);
        Assert.Equal(TcpKeepAlive.Read(connection.Client.SafeHandle), client.KeepAlive);
        Assert.Equal(TimeSpan.FromSeconds(77), client.KeepAlive!.IdleTime);
        Assert.False(server.KeepAlive!.Enabled);
    }

    [Fact]
    public void A_row_whose_socket_cannot_be_reached_has_none_and_harms_no_other()
    {
        using Connection gone = new();
        using Connection stays = new();
        TcpConnection closed = Row(gone.Client);
        TcpConnection open = Row(stays.Client);
        TcpConnection ended = Listing.TcpUnowned(Filter(stays.Client)).Single();
        // Above the limit of the kernel: nobody has it.
        ended.SetOwner(new SocketOwner(int.MaxValue, 0), null);
        TcpConnection nobodys = Listing.TcpUnowned(Filter(stays.Client)).Single();
        gone.Client.Dispose();
        using SocketTables tables = new();
        foreach (TcpConnection row in new[] { closed, ended, nobodys, open })
        {
            tables.ReadKeepAlive(row);
        }

        Assert.Null(closed.KeepAlive);
        Assert.Null(ended.KeepAlive);
        Assert.Null(nobodys.KeepAlive);
        Assert.NotNull(open.KeepAlive);
        NativeSocketException error = Assert.Throws<NativeSocketException>(() => SocketHolder.Open(nobodys));
        Assert.Equal(Environment.IsPrivilegedProcess ? "ESRCH" : "EPERM", error.Errno);
        Assert.Contains(open.ToString(), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_connection_in_TimeWait_is_nobodys_and_says_so()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        using Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(listener.LocalEndpoint);
        using Socket server = listener.AcceptSocket();
        TcpConnectionFilter filter = Filter(client);

        // Who closes first keeps it.
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, server.Receive(new byte[1]));
        server.Close();
        Assert.Equal(0, client.Receive(new byte[1]));
        TcpConnection row = Assert.Single(Listing.Tcp(filter));
        Assert.Equal(TcpConnectionState.TimeWait, row.State);
        Assert.Equal(0, row.Inode);
        Assert.Null(row.OwningProcess);
        Assert.Null(row.Info);
        Assert.Equal(TcpTimer.TimeWait, row.Timer);
        Assert.InRange(row.TimerExpires!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(61));
        NativeSocketException error = Assert.Throws<NativeSocketException>(() => SocketHolder.Open(row));
        Assert.Equal("ESRCH", error.Errno);
        Assert.Contains("TimeWait", error.Message, StringComparison.Ordinal);
    }

    private static TcpConnectionFilter Filter(Socket socket) => new()
    {
        LocalPort = Ports.Of(((IPEndPoint)socket.LocalEndPoint!).Port),
        RemotePort = Ports.Of(((IPEndPoint)socket.RemoteEndPoint!).Port),
    };

    private static TcpConnection Row(Socket socket) => Listing.Tcp(Filter(socket)).Single();
}
