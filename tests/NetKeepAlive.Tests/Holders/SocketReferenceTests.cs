using System;
using System.IO;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Holders;
using Xunit;

namespace NetKeepAlive.Tests.Holders;

public sealed class SocketReferenceTests
{
    [Fact]
    public void Whatever_holds_a_socket_leads_to_it()
    {
        using Connection connection = new();
        using TcpClient client = new() { Client = connection.Client };
        using NetworkStream stream = new(connection.Client);
        using SslStream tls = new(stream);
        foreach (object holder in new object[] { connection.Client, client, stream, tls, connection.Client.SafeHandle })
        {
            using SocketReference reference = SocketHolder.Open(holder);
            Assert.Same(connection.Client.SafeHandle, reference.Handle);
        }

        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Assert.Same(listener.Server.SafeHandle, SocketHolder.Open(listener).Handle);
        using UdpClient udp = new();
        Assert.Same(udp.Client.SafeHandle, SocketHolder.Open(udp).Handle);
    }

    [Fact]
    public void What_holds_none_is_refused()
    {
        using SslStream inMemory = new(new MemoryStream());
        foreach (object? holder in new object?[] { null, "abc", 7, inMemory })
        {
            Assert.Throws<NotASocketException>(() => SocketHolder.Open(holder));
        }
    }

    [Fact]
    public void What_was_closed_is_refused()
    {
        using Connection connection = new();
        TcpClient client = new() { Client = connection.Client };
        client.Dispose();
        Assert.Throws<ObjectDisposedException>(() => SocketHolder.Open(client));
        Assert.Throws<ObjectDisposedException>(() => SocketHolder.Open(connection.Client));
    }
}
