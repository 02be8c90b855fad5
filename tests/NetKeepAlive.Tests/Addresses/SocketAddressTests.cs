using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Sockets;
using NetKeepAlive.Holders;
using NetKeepAlive.Options;
using NetKeepAlive.Tables;
using NetKeepAlive.Tests.Tables;
using Xunit;

namespace NetKeepAlive.Tests.Addresses;

/// <summary>What sockets are called, in their properties and in messages about them.</summary>
public sealed class SocketAddressTests
{
    [Fact]
    public void A_socket_of_this_module_tells_its_addresses_until_it_is_closed()
    {
        using TcpPair pair = new();
        int client = pair.Client.LocalPort!.Value;
        int server = pair.Listener.LocalPort!.Value;
        Assert.Equal($"127.0.0.1:{client} -> 127.0.0.1:{server}", pair.Client.ToString());
        Assert.Equal($"127.0.0.1:{server} -> 127.0.0.1:{client}", SocketDescription.Of(pair.Server));
        Assert.Equal($"127.0.0.1:{server}", SocketDescription.Of(pair.Listener));
        Assert.Null(pair.Client.LocalPath);
        Assert.Null(pair.Client.RemotePath);
        Assert.Null(pair.Client.PeerCredential);
        Assert.Null(pair.Listener.LocalPath);
        Assert.Equal(AddressFamily.InterNetwork, pair.Listener.AddressFamily);
        Assert.Equal(SocketType.Stream, pair.Client.SocketType);
        Assert.Equal(IPAddress.Loopback, pair.Client.LocalAddress);
        pair.Client.Dispose();
        Assert.Null(pair.Client.LocalAddress);
        Assert.Null(pair.Client.RemotePort);
        Assert.Contains($"127.0.0.1:{server}", pair.Client.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_state_follows_what_is_shut_down()
    {
        using TcpPair pair = new();
        Assert.Equal(SocketState.Open, pair.Client.State);
        pair.Client.Shutdown(SocketShutdown.Receive);
        Assert.Equal(SocketState.WriteOnly, pair.Client.State);
        pair.Client.Shutdown(SocketShutdown.Send);
        Assert.Equal(SocketState.Closed, pair.Client.State);
        Assert.True(pair.Client.IsClosed);
        pair.Client.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pair.Client.Shutdown(SocketShutdown.Both));
    }

    [Fact]
    public void Sockets_of_NET_are_described_by_their_addresses()
    {
        using Connection connection = new();
        string client = connection.Client.LocalEndPoint!.ToString()!;
        string server = connection.Server.LocalEndPoint!.ToString()!;
        Assert.Equal($"{client} -> {server}", SocketDescription.Of(connection.Client));
        using UdpClient udp = new(new IPEndPoint(IPAddress.Loopback, 0));
        Assert.Equal(udp.Client.LocalEndPoint!.ToString(), SocketDescription.Of(udp));
        Assert.Equal("null", SocketDescription.Of(null));
        Assert.Equal("a string", SocketDescription.Of("a string"));
        connection.Client.Dispose();
        Assert.Equal("Socket", SocketDescription.Of(connection.Client));
    }

    [Fact]
    public void An_IPv4_peer_of_an_IPv6_socket_is_shown_as_IPv4()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "no IPv6");
        using Socket listener = new(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
        listener.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
        listener.Listen();
        int port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        using Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(IPAddress.Loopback, port);
        using Socket server = listener.Accept();
        Assert.Equal($"127.0.0.1:{port} -> {client.LocalEndPoint}", SocketDescription.Of(server));
    }

    [Fact]
    public void A_socket_is_taken_over_by_its_handle_with_everything_that_it_is()
    {
        using TcpPair pair = new();
        Assert.Throws<NotASocketException>(() => NetSocket.FromHandle(pair.Listener.Handle));
        Assert.Throws<NotASocketException>(() => SocketListener.FromHandle(pair.Client.Handle));
        Need.Linux();
        using TempFolder folder = new();
        using SocketListener listener = UnixSockets.Listen(SocketType.Seqpacket, folder.Address("s"));
        object copy = ProcessDescriptor.Import(Environment.ProcessId, (int)listener.Handle.DangerousGetHandle());
        using SocketListener imported = Assert.IsType<SocketListener>(copy);
        Assert.Equal(SocketListenerKind.Seqpacket, imported.Kind);
        Assert.Equal(folder["s"], imported.LocalPath);
        Assert.Null(imported.Backlog);
        using FileStream file = File.Create(folder["file"]);
        Assert.Throws<NotASocketException>(
            () => ProcessDescriptor.Import(Environment.ProcessId, (int)file.SafeFileHandle.DangerousGetHandle()));
    }

    [Fact]
    public void An_address_of_no_interface_is_told_with_what_to_do()
    {
        NativeSocketException error =
            Assert.Throws<NativeSocketException>(() => TcpListeners.Listen(IPAddress.Parse("192.0.2.1"), 0));
        Assert.Equal("EADDRNOTAVAIL", error.Errno);
        Assert.Equal("192.0.2.1:0", error.Target);
        Assert.Contains("No interface", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => TcpListeners.ListenReuseport(IPAddress.Loopback, 0, 0));
    }

    [Fact]
    public void A_group_that_cannot_be_made_leaves_nothing_listening()
    {
        using TcpPair pair = new();
        int port = pair.Listener.LocalPort!.Value;
        NativeSocketException error = Assert.Throws<NativeSocketException>(
            () => TcpListeners.ListenReuseport(IPAddress.Loopback, port, 3));
        Assert.Contains("does not share it", error.Message, StringComparison.Ordinal);
        pair.Dispose();
        using SocketListener alone = Eventually.OnceFree(() => TcpListeners.Listen(IPAddress.Loopback, port));
    }

    [Fact]
    public void Addresses_of_unix_sockets_are_equal_when_their_names_are()
    {
        Need.Linux();
        UnixAddress path = UnixAddress.FromPath("/run/a.sock");
        Assert.Equal("/run/a.sock", path.Path);
        Assert.Null(path.AbstractName);
        Assert.True(path.Equals((object)UnixAddress.FromPath("/run/a.sock")));
        Assert.False(path.Equals(UnixAddress.FromPath("/run/b.sock")));
        Assert.False(path.Equals(null));
        Assert.False(path!.Equals("/run/a.sock"));
        Assert.Single(new HashSet<UnixAddress> { path, UnixAddress.FromPath("/run/a.sock") });
        UnixAddress name = UnixAddress.FromAbstractName("a.sock");
        Assert.Equal("a.sock", name.AbstractName);
        Assert.Equal("@a.sock", name.ToString());
        Assert.False(name.Equals(UnixAddress.FromPath("a.sock")));
        Assert.Throws<ArgumentException>(() => UnixAddress.FromPath("a\0b"));
        Assert.Throws<ArgumentException>(() => UnixAddress.FromPath(string.Empty));
    }

    [Fact]
    public void An_option_by_its_numbers_is_set_or_refused_by_its_numbers()
    {
        using TcpPair pair = new();
        Need.Linux();
        const int KeepAlive = 9;
        RawOption.Set(pair.Client.Handle, SocketOptionLevel.Socket, KeepAlive, BitConverter.GetBytes(1));
        Assert.True(TcpKeepAlive.Read(pair.Client.Socket).Enabled);
        NativeSocketException error = Assert.Throws<NativeSocketException>(
            () => RawOption.Set(pair.Client.Handle, SocketOptionLevel.Tcp, 9999, BitConverter.GetBytes(1)));
        Assert.Equal("ENOPROTOOPT", error.Errno);
        Assert.Contains("9999", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_of_the_table_tells_whose_it_is_and_what_waits_in_it()
    {
        Need.Linux();
        using Connection connection = new();
        connection.Client.Send(new byte[5]);
        Eventually.Is(() => connection.Server.Available == 5, "the bytes to arrive");
        TcpConnectionFilter filter = new()
        {
            LocalPort = Ports.Of(((IPEndPoint)connection.Server.LocalEndPoint!).Port),
            RemotePort = Ports.Of(((IPEndPoint)connection.Client.LocalEndPoint!).Port),
        };
        TcpConnection row = null!;

        // A process that is just being started may be seen with a copy.
        Eventually.Is(
            () => (row = Assert.Single(Listing.Tcp(filter))).OwningProcess == Environment.ProcessId,
            "this process to be the owner");
        Assert.Equal(5, row.ReceiveQueue);
        Assert.Equal(0, row.SendQueue);
        Assert.Equal(0, row.Retransmits);
        Assert.Equal(TcpTimer.None, row.Timer);
        Assert.Null(row.TimerExpires);
        Assert.Equal(Environment.ProcessId, row.OwningProcess);
        Assert.Equal(NetKeepAlive.Interop.Libc.GetEUid(), row.UserId);
        Assert.Equal(AddressFamily.InterNetwork, row.AddressFamily);
        Assert.NotNull(row.OwningProcessName);
        Assert.Equal(5, row.Info!.BytesReceived);
    }
}
