using System;
using System.IO;
using System.Net.Security;
using System.Net.Sockets;
using NetKeepAlive.Holders;
using Xunit;

namespace NetKeepAlive.Tests.Descriptors;

public sealed class SocketCloserTests
{
    [Theory]
    [InlineData("Socket")]
    [InlineData("TcpClient")]
    [InlineData("NetworkStream")]
    [InlineData("NetworkStream that owns its socket")]
    [InlineData("SslStream")]
    [InlineData("SafeSocketHandle")]
    public void Closing_any_holder_closes_the_socket_in_it_in_order(string kind)
    {
        using Connection connection = new();
        object holder = Hold(connection.Client, kind);
        SocketCloser.Close(holder, reset: false);
        Assert.True(connection.Client.SafeHandle.IsClosed);
        if (kind is not "SafeSocketHandle")
        {
            // .NET resets where the handle alone is closed.
            Assert.Equal(0, connection.Server.Receive(new byte[1]));
            SocketCloser.Close(holder, reset: false);
        }
    }

    [Theory]
    [InlineData("Socket")]
    [InlineData("TcpClient")]
    [InlineData("NetworkStream")]
    [InlineData("NetworkStream that owns its socket")]
    [InlineData("SslStream")]
    public void Any_holder_of_a_connection_can_be_reset(string kind)
    {
        using Connection connection = new();
        SocketCloser.Close(Hold(connection.Client, kind), reset: true);
        Assert.True(connection.Client.SafeHandle.IsClosed);
        Assert.Equal(
            SocketError.ConnectionReset,
            Assert.Throws<SocketException>(() => connection.Server.Receive(new byte[1])).SocketErrorCode);
    }

    [Fact]
    public void The_modules_own_sockets_are_closed_and_reset()
    {
        using TcpPair pair = new();
        SocketCloser.Close(pair.Client, reset: true);
        Assert.True(pair.Client.IsClosed);
        Assert.Equal(
            "ECONNRESET", Assert.Throws<NativeSocketException>(() => pair.Server.Receive(TcpPair.Limit)).Errno);
        SocketCloser.Close(pair.Server, reset: false);
        SocketCloser.Close(pair.Listener, reset: false);
        Assert.True(pair.Server.IsClosed);
        Assert.True(pair.Listener.IsClosed);
    }

    [Fact]
    public void What_has_no_connection_is_not_reset_and_stays_open()
    {
        using TcpPair pair = new();
        using UdpClient udp = new(0, AddressFamily.InterNetwork);
        (NetSocket unix, NetSocket other) = UnixSockets.CreatePair(SocketType.Stream);
        using (unix)
        using (other)
        {
            foreach (object holder in new object[] { pair.Listener, udp, unix })
            {
                NativeSocketException error =
                    Assert.Throws<NativeSocketException>(() => SocketCloser.Close(holder, reset: true));
                Assert.Equal("EOPNOTSUPP", error.Errno);
                Assert.Contains("close it instead", error.Message, StringComparison.Ordinal);
            }

            Assert.False(pair.Listener.IsClosed);
            Assert.False(unix.IsClosed);
            Assert.False(udp.Client.SafeHandle.IsClosed);
        }
    }

    [Fact]
    public void What_holds_no_socket_is_refused_and_left_alone()
    {
        using MemoryStream stream = new();
        Assert.Throws<NotASocketException>(() => SocketCloser.Close(stream, reset: false));
        Assert.True(stream.CanRead);
        Assert.Throws<NotASocketException>(() => SocketCloser.Close(null, reset: false));
    }

    private static object Hold(Socket socket, string kind) => kind switch
    {
        "Socket" => socket,
        "TcpClient" => new TcpClient { Client = socket },
        "NetworkStream" => new NetworkStream(socket, ownsSocket: false),
        "NetworkStream that owns its socket" => new NetworkStream(socket, ownsSocket: true),
        "SslStream" => new SslStream(new NetworkStream(socket, ownsSocket: true)),
        _ => socket.SafeHandle,
    };
}
