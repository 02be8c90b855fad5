using System;
using System.Collections.Generic;
using System.Net.Sockets;
using NetKeepAlive.Holders;
using Xunit;

namespace NetKeepAlive.Tests.Darwin;

/// <summary>That .NET's own calls do keep macOS's rules in the process of <see cref="RuntimeSimulatorTests"/>, and what
/// the module makes of its sockets then. The sources stand in tests/simulator/darwin-runtime.c.</summary>
public sealed class RuntimeRulesTests
{
    public RuntimeRulesTests() => Need.RuntimeRules();

    [Fact]
    public void A_connection_that_is_over_takes_no_options_and_tells_no_peer()
    {
        using Connection connection = new();
        connection.Server.Shutdown(SocketShutdown.Send);
        connection.Client.Dispose();
        Assert.True(connection.Server.Poll(TimeSpan.FromSeconds(20), SelectMode.SelectRead));
        Assert.Equal(
            SocketError.InvalidArgument,
            Assert.Throws<SocketException>(() => connection.Server.NoDelay = true).SocketErrorCode);

        // What .NET knows of it is enough for the module to take it, and to let it go.
        using NetSocket taken = SocketWrapper.ToSocket(connection.Server);
        Assert.Null(taken.Receive(TimeSpan.FromSeconds(20)));
        Assert.Contains(":", SocketDescription.Of(connection.Server), StringComparison.Ordinal);
        Assert.Equal(
            "ENOTCONN",
            Assert.Throws<NativeSocketException>(
                () => SocketCloser.Shutdown(connection.Server, SocketShutdown.Both)).Errno);
        SocketCloser.Close(connection.Server, reset: false);
        Assert.True(connection.Server.SafeHandle.IsClosed);
    }

    [Fact]
    public void A_full_queue_of_a_Unix_listener_refuses()
    {
        using TempFolder folder = new();
        using SocketListener listener = UnixSockets.Listen(SocketType.Stream, folder.Address("s"), backlog: 1);
        List<Socket> waiting = [];
        SocketException? refused = null;
        while (refused is null && waiting.Count < 300)
        {
            Socket client = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            waiting.Add(client);
            refused = (SocketException?)Record.Exception(
                () => client.Connect(new UnixDomainSocketEndPoint(folder["s"])));
        }

        Assert.Equal(SocketError.ConnectionRefused, refused!.SocketErrorCode);
        waiting.ForEach(static it => it.Dispose());
    }
}
