using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using NetKeepAlive.Tables;
using Xunit;

namespace NetKeepAlive.Tests.Tables;

/// <summary>Sockets in every state that lasts by itself and takes no rights: Listen, Established, SynSent, FinWait2,
/// CloseWait and TimeWait; IPv4, IPv6 and IPv4-mapped.</summary>
internal sealed class SteadyStates : IDisposable
{
    private readonly List<Socket> _sockets = [];

    internal SteadyStates(int rounds)
    {
        Socket four = Listen(new IPEndPoint(IPAddress.Loopback, 0), 4096);
        Socket six = Listen(new IPEndPoint(IPAddress.IPv6Any, 0), 4096);
        List<(Socket First, Socket Second)> closing = [];
        for (int i = 0; i < rounds; i++)
        {
            IPEndPoint[] targets =
            [
                new(IPAddress.Loopback, Port(four)), new(IPAddress.IPv6Loopback, Port(six)),
                new(IPAddress.Loopback, Port(six)),
            ];
            int kind = i % 3;
            IPEndPoint target = targets[kind];
            Socket client = Keep(new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
            client.Connect(target);
            Socket server = Keep((kind == 0 ? four : six).Accept());
            new TcpKeepAlive { Enabled = true, IdleTime = TimeSpan.FromSeconds(8 + (i % 60)) }.Apply(client.SafeHandle);
            new TcpKeepAlive { Enabled = true, IdleTime = TimeSpan.FromSeconds(500) }.Apply(server.SafeHandle);

            // Some half closed (FinWait2 and CloseWait), some closed (TimeWait).
            Socket half = Keep(new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
            half.Connect(target);
            Keep((kind == 0 ? four : six).Accept());
            if (i % 4 == 1)
            {
                half.Shutdown(SocketShutdown.Send);
            }
            else if (i % 4 == 2)
            {
                closing.Add((half, _sockets[^1]));
            }
        }

        // A listener whose queue is full drops what comes: SynSent.
        Socket full = Listen(new IPEndPoint(IPAddress.Loopback, 0), 0);
        for (int i = 0; i < 4; i++)
        {
            Socket waiting = Keep(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
            if (i == 0)
            {
                // The queue has room for one, and is full from here on.
                waiting.Connect(full.LocalEndPoint!);
                Assert.True(full.Poll(TcpPair.Limit, SelectMode.SelectRead));
                continue;
            }

            waiting.Blocking = false;
            try
            {
                waiting.Connect(full.LocalEndPoint!);
            }
            catch (SocketException)
            {
                // In progress, as wanted.
            }
        }

        // TimeWait is over after a minute: it begins last.
        foreach ((Socket first, Socket second) in closing)
        {
            first.Dispose();
            second.Dispose();
        }

        Ports = [Port(four), Port(six), Port(full)];
        // FinWait2 needs the answer of the other side.
        TcpConnectionFilter mine = new() { LocalPort = Tables.Ports.Of(Ports) };
        TcpConnectionFilter others = new() { RemotePort = Tables.Ports.Of(Ports) };
        using SocketTables tables = new();
        Eventually.Is(
            () => !tables.List(mine).Concat(tables.List(others)).Any(row => row.State is
                TcpConnectionState.FinWait1 or TcpConnectionState.Closing or TcpConnectionState.LastAck),
            "the states to settle");
    }

    internal HashSet<int> Ports { get; }

    public void Dispose() => _sockets.ForEach(socket => socket.Dispose());

    private static int Port(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    private Socket Listen(IPEndPoint at, int backlog)
    {
        Socket listener = Keep(new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        if (at.AddressFamily is AddressFamily.InterNetworkV6)
        {
            listener.DualMode = true;
        }

        listener.Bind(at);
        listener.Listen(backlog);
        return listener;
    }

    private Socket Keep(Socket socket)
    {
        _sockets.Add(socket);
        return socket;
    }
}
