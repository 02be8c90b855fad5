using System;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;
using NetKeepAlive.Interop;
using Xunit;

namespace NetKeepAlive.Tests.Sockets;

public sealed class StreamTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Fact]
    public void A_unix_stream_carries_chunks_and_half_closes()
    {
        using TempFolder folder = new();
        using SocketListener listener = UnixSockets.Listen(SocketType.Stream, folder.Address("s"));
        using NetSocket client = UnixSockets.Connect(SocketType.Stream, folder.Address("s"));
        using NetSocket server = listener.Accept(Soon);
        Assert.Equal(SocketListenerKind.UnixStream, listener.Kind);
        client.Send("abc"u8);
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal(SocketState.ReadOnly, client.State);
        Assert.Equal("abc", server.Receive(Soon)!.Text);
        Assert.Null(server.Receive(Soon));
        server.Send("def"u8);
        Assert.Equal("def", client.Receive(Soon)!.Text);
    }

    [Fact]
    public void A_tcp_connection_has_addresses_and_an_end_in_order()
    {
        (SocketListener listener, NetSocket client, NetSocket server) = ConnectTcp();
        using (listener)
        using (server)
        {
            Assert.Equal(SocketListenerKind.Tcp, listener.Kind);
            Assert.Equal(IPAddress.Loopback, client.RemoteAddress);
            Assert.Equal(listener.LocalPort, client.RemotePort);
            Assert.Equal(client.LocalPort, server.RemotePort);
            client.Send("abc"u8);
            client.Dispose();
            Assert.Null(client.RemoteAddress);
            Assert.Null(client.LocalPort);
            Assert.Equal(SocketState.Closed, client.State);
            SocketMessage chunk = server.Receive(Soon)!;
            Assert.Equal("abc", chunk.Text);
            Assert.Equal(IPAddress.Loopback, chunk.RemoteAddress);
            Assert.Null(server.Receive(Soon));
        }
    }

    [Fact]
    public void A_reset_reaches_the_peer()
    {
        (SocketListener listener, NetSocket client, NetSocket server) = ConnectTcp();
        using (listener)
        using (server)
        {
            ((StreamSocket)client).Reset();
            NativeSocketException error = Assert.Throws<NativeSocketException>(() => server.Receive(Soon));
            Assert.Equal("ECONNRESET", error.Errno);
        }
    }

    [Fact]
    public async Task A_listener_drops_what_is_over_its_limit()
    {
        (SocketListener listener, NetSocket client, NetSocket server) = ConnectTcp();
        using (listener)
        using (client)
        using (server)
        {
            TaskCompletionSource<SocketConnectionDroppedEventArgs> dropped =
                new(TaskCreationOptions.RunContinuationsAsynchronously);
            TaskCompletionSource<NetSocket> accepted = new(TaskCreationOptions.RunContinuationsAsynchronously);
            listener.ConnectionDropped += (_, args) => dropped.SetResult(args);
            listener.Connection += (_, args) => accepted.SetResult(args.Socket);
            listener.MaxConnection = 1;
            using Socket extra = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await extra.ConnectAsync(listener.LocalAddress!, listener.LocalPort!.Value);
            SocketConnectionDroppedEventArgs args = await dropped.Task.WaitAsync(Soon);
            Assert.Equal(((IPEndPoint)extra.LocalEndPoint!).Port, args.RemotePort);
            Assert.Equal(listener.LocalPort, args.LocalPort);
            Assert.Equal(AddressFamily.InterNetwork, args.RemoteFamily);
            Assert.Equal(0, await extra.ReceiveAsync(new byte[1]));
            server.Dispose();
            using Socket next = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await next.ConnectAsync(listener.LocalAddress!, listener.LocalPort!.Value);
            using NetSocket got = await accepted.Task.WaitAsync(Soon);
            Assert.Equal(((IPEndPoint)next.LocalEndPoint!).Port, got.RemotePort);
            next.Send("x"u8);
            Assert.Equal("x", got.Receive(Soon)!.Text);
        }
    }

    [Fact]
    public async Task A_stream_raises_events()
    {
        (SocketListener listener, NetSocket client, NetSocket server) = ConnectTcp();
        using (listener)
        using (server)
        {
            TaskCompletionSource<string> got = new(TaskCreationOptions.RunContinuationsAsynchronously);
            TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
            server.DataReceived += (_, chunk) => got.SetResult(chunk.Text);
            server.Ended += (_, _) => ended.SetResult();
            await Task.Delay(50);
            client.Send("abc"u8);
            Assert.Equal("abc", await got.Task.WaitAsync(Soon));
            client.Dispose();
            await ended.Task.WaitAsync(Soon);
        }
    }

    private static (SocketListener Listener, NetSocket Client, NetSocket Server) ConnectTcp()
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        SocketListener listener = SocketListener.FromHandle(RuntimeShim.Duplicate(socket.SafeHandle));
        Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(socket.LocalEndPoint!);
        socket.Dispose();
        NetSocket connected = NetSocket.FromHandle(RuntimeShim.Duplicate(client.SafeHandle));
        client.Dispose();
        return (listener, connected, listener.Accept(Soon));
    }
}
