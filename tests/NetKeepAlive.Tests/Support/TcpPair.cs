using System;
using System.Net;
using System.Threading;
using NetKeepAlive.Opening;

namespace NetKeepAlive.Tests;

/// <summary>A listener of this module on loopback, and one connection to it with both of its ends.</summary>
internal sealed class TcpPair : IDisposable
{
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    internal TcpPair()
    {
        Listener = TcpListeners.Listen(IPAddress.Loopback, 0);
        Client = Connect();
        Server = (StreamSocket)Listener.Accept(Limit);
    }

    internal SocketListener Listener { get; }

    internal StreamSocket Client { get; }

    internal StreamSocket Server { get; }

    internal StreamSocket Connect() =>
        new TcpConnector().Connect(["127.0.0.1"], Listener.LocalPort!.Value, CancellationToken.None);

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
        Listener.Dispose();
    }
}
