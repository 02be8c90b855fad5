using System;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using NetKeepAlive.Holders;
using Xunit;

namespace NetKeepAlive.Tests.Holders;

public sealed class SocketWrapperTests
{
    [Fact]
    public void A_socket_of_NET_sends_and_receives_and_stays_its_owners()
    {
        using Connection connection = new();
        using TcpClient client = new() { Client = connection.Client };
        NetSocket wrapped = SocketWrapper.ToSocket(client);
        Assert.IsType<StreamSocket>(wrapped);
        Assert.Same(connection.Client, wrapped.Socket);
        wrapped.Send("to you"u8);
        byte[] buffer = new byte[20];
        Assert.Equal(6, connection.Server.Receive(buffer));

        // What it counts goes on, whatever the socket is held by.
        Assert.Same(wrapped, SocketWrapper.ToSocket(client.GetStream()));
        Assert.Equal(6, wrapped.BytesSent);
        wrapped.Dispose();
        connection.Client.Send("mine still"u8);
        Assert.Equal(10, connection.Server.Receive(buffer));
    }

    [Fact]
    public void A_listener_of_NET_accepts_and_stays_its_owners()
    {
        TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        try
        {
            SocketListener wrapped = SocketWrapper.ToListener(listener);
            Assert.Same(wrapped, SocketWrapper.ToListener(listener.Server));
            Assert.Equal(((IPEndPoint)listener.LocalEndpoint).Port, wrapped.LocalPort);
            Assert.Throws<TimeoutException>(() => wrapped.Accept(TimeSpan.FromMilliseconds(20)));
            using TcpClient client = new();
            client.Connect((IPEndPoint)listener.LocalEndpoint);
            using NetSocket accepted = wrapped.Accept(TcpPair.Limit);
            Assert.Equal(((IPEndPoint)client.Client.LocalEndPoint!).Port, accepted.RemotePort);
            client.Client.Send("hello"u8);
            Assert.Equal("hello", accepted.Receive(TcpPair.Limit)!.Text);

            // Its owner may count on its waiting.
            Assert.True(listener.Server.Blocking);
        }
        finally
        {
            listener.Stop();
        }
    }

    [Fact]
    public void The_modules_own_are_what_they_are()
    {
        using TcpPair pair = new();
        Assert.Same(pair.Client, SocketWrapper.ToSocket(pair.Client));
        Assert.Same(pair.Listener, SocketWrapper.ToListener(pair.Listener));
    }

    [Fact]
    public void What_carries_no_data_is_refused_with_what_to_do_instead()
    {
        using TcpPair pair = new();
        using Connection connection = new();
        using SslStream tls = new(new NetworkStream(connection.Client));
        using UdpClient udp = new(0, AddressFamily.InterNetwork);
        Assert.Contains(
            "accept a connection",
            Assert.Throws<NotASocketException>(() => SocketWrapper.ToSocket(pair.Listener)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "accept a connection",
            Assert.Throws<NotASocketException>(() => SocketWrapper.ToSocket(pair.Listener.Socket)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "put TLS on a socket of this module",
            Assert.Throws<NotASocketException>(() => SocketWrapper.ToSocket(tls)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "Dgram", Assert.Throws<NotASocketException>(() => SocketWrapper.ToSocket(udp)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "does not listen",
            Assert.Throws<NotASocketException>(() => SocketWrapper.ToListener(connection.Client)).Message,
            StringComparison.Ordinal);
        Assert.Throws<NotASocketException>(() => SocketWrapper.ToSocket("a string"));
    }
}
