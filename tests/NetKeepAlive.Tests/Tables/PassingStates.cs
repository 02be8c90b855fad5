using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace NetKeepAlive.Tests.Tables;

/// <summary>
/// Sockets in the states that a connection only passes through, held there by a firewall that drops the answers:
/// SynSent, SynReceived, FinWait1, Closing and LastAck; IPv4, IPv6 and IPv4-mapped, with and without a process that
/// still holds them. For a network of one's own: see <see cref="NetworkNamespace"/>.
/// </summary>
internal sealed class PassingStates : IDisposable
{
    private static readonly IPAddress[] Targets =
        [IPAddress.Loopback, IPAddress.IPv6Loopback, IPAddress.Loopback.MapToIPv6()];

    private readonly List<Socket> _sockets = [];

    internal PassingStates(int rounds)
    {
        Socket closing = Listen();
        Socket deaf = Listen();
        Socket halfDeaf = Listen();
        Ports = [Port(closing), Port(deaf), Port(halfDeaf)];
        List<(Socket Client, Socket Server)> pairs = [];
        for (int i = 0; i < rounds; i++)
        {
            foreach (IPAddress target in Targets)
            {
                Socket client = Connect(target, closing);
                pairs.Add((client, Keep(closing.Accept())));
            }
        }

        // From here on nothing reaches the first two, and no acknowledgement the third.
        Drop($"--dport {Port(closing)}");
        Drop($"--dport {Port(deaf)}");
        Drop($"--dport {Port(halfDeaf)} --tcp-flags SYN,ACK ACK");

        // The client's FIN is lost, the server's arrives. Which came first makes the client Closing or LastAck; the
        // server waits for its acknowledgement in FinWait1.
        for (int i = 0; i < pairs.Count; i++)
        {
            (Socket client, Socket server) = pairs[i];
            bool serverFirst = i / Targets.Length % 2 == 0;
            bool stillHeld = i / Targets.Length % 4 < 2;
            End(serverFirst ? server : client, stillHeld);
            End(serverFirst ? client : server, stillHeld);
        }

        // A SYN that is lost, and a SYN-ACK that is never acknowledged.
        foreach (IPAddress target in Targets)
        {
            Connect(target, deaf, wait: false);
            Connect(target, halfDeaf);
        }
    }

    internal HashSet<int> Ports { get; }

    public void Dispose() => _sockets.ForEach(socket => socket.Dispose());

    private static void End(Socket socket, bool stillHeld)
    {
        socket.Shutdown(SocketShutdown.Send);
        if (!stillHeld)
        {
            socket.Dispose();
        }
    }

    private static int Port(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    private static void Drop(string what)
    {
        foreach (string program in (string[])["iptables", "ip6tables"])
        {
            int code = NetworkNamespace.Run(program, $"-w -A INPUT -p tcp {what} -j DROP");
            Assert.SkipUnless(code == 0, $"{program} ended with code {code}");
        }
    }

    private Socket Listen()
    {
        Socket listener = Keep(new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp));
        listener.DualMode = true;
        listener.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
        listener.Listen(512);
        return listener;
    }

    private Socket Connect(IPAddress target, Socket listener, bool wait = true)
    {
        Socket socket = Keep(new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        if (target.IsIPv4MappedToIPv6)
        {
            socket.DualMode = true;
        }

        socket.Blocking = wait;
        try
        {
            socket.Connect(new IPEndPoint(target, Port(listener)));
        }
        catch (SocketException) when (!wait)
        {
            // In progress, as wanted.
        }

        return socket;
    }

    private Socket Keep(Socket socket)
    {
        _sockets.Add(socket);
        return socket;
    }
}
