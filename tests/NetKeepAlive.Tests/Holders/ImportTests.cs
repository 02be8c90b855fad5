using System;
using System.Net;
using System.Net.Sockets;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Holders;
using NetKeepAlive.Interop;
using Xunit;

namespace NetKeepAlive.Tests.Holders;

public sealed class ImportTests
{
    [Fact]
    public void The_mode_of_a_shared_listener_is_put_back_when_it_is_closed()
    {
        using Socket other = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        other.Listen();
        SafeSocketHandle shared = RuntimeShim.Duplicate(other.SafeHandle);
        SharedSockets.Mark(shared);
        SocketListener listener = SocketListener.FromHandle(shared);
        Assert.True(listener.ChangesSharedMode);
        Assert.True(RuntimeShim.IsNonBlocking(other.SafeHandle));
        listener.Close();
        Assert.False(RuntimeShim.IsNonBlocking(other.SafeHandle));
    }

    [Fact]
    public void A_socket_that_is_bound_and_does_not_listen_yet_is_made_to()
    {
        using Socket bound = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        bound.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        object imported = SocketActivation.Adopt((int)bound.SafeHandle.DangerousGetHandle());
        using SocketListener listener = Assert.IsType<SocketListener>(BoundSocket.Listen(imported, 7));
        Assert.Equal(7, listener.Backlog);
        Assert.True(((NetSocket)imported).IsClosed);
        using TcpClient client = new();
        client.Connect((IPEndPoint)bound.LocalEndPoint!);
        using NetSocket accepted = listener.Accept(TcpPair.Limit);

        // A connection, and a socket without a name, stay what they are.
        Assert.Same(accepted, BoundSocket.Listen(accepted, 7));
        (NetSocket a, NetSocket b) = UnixSockets.CreatePair(SocketType.Stream);
        Assert.Same(a, BoundSocket.Listen(a, 7));
        a.Dispose();
        b.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Standard_streams_are_never_owned(int descriptor)
    {
        using Microsoft.Win32.SafeHandles.SafeFileHandle stream = new(descriptor, ownsHandle: false);
        bool wasOpen = RuntimeShim.IsInherited(stream) || RuntimeShim.IsCloseOnExec(stream);
        try
        {
            (SocketActivation.Adopt(descriptor) as IDisposable)?.Dispose();
        }
        catch (Exception refused) when (refused is NotASocketException or NativeSocketException)
        {
            // It is a terminal, a file or a pipe.
        }

        Assert.Equal(wasOpen, RuntimeShim.IsInherited(stream) || RuntimeShim.IsCloseOnExec(stream));
    }
}
