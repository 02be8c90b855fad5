using System;
using System.Net;
using System.Net.Sockets;

namespace NetKeepAlive.Tests;

/// <summary>A connected pair of TCP sockets on loopback, on a port that the kernel chose.</summary>
public sealed class Connection : IDisposable
{
    public Connection(AddressFamily family = AddressFamily.InterNetwork)
    {
        IPAddress loopback = family is AddressFamily.InterNetworkV6 ? IPAddress.IPv6Loopback : IPAddress.Loopback;
        using Socket listener = new(family, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(loopback, 0));
        listener.Listen(1);
        Client = new Socket(family, SocketType.Stream, ProtocolType.Tcp);
        Client.Connect(listener.LocalEndPoint!);
        Server = listener.Accept();

        // A test that waits in vain fails.
        Client.ReceiveTimeout = Server.ReceiveTimeout = 20_000;
    }

    public Socket Client { get; }

    public Socket Server { get; }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
    }
}
