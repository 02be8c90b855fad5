using System;
using System.Buffers.Binary;
using System.Linq;
using System.Net;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Darwin;
using NetKeepAlive.Options;
using Xunit;

namespace NetKeepAlive.Tests.Interop;

/// <summary>What cannot run here: macOS's numbers and layouts, against its public headers (apple-oss-distributions/xnu,
/// the file named at each).</summary>
public sealed class DarwinTests
{
    private static readonly Abi Darwin = Abi.Of(Platform.Darwin);

    // bsd/netinet/tcp.h, bsd/sys/socket.h
    [Theory]
    [InlineData("KeepAlive", 0x0008, "SO_KEEPALIVE")]
    [InlineData("KeepAliveIdleTime", 0x10, "TCP_KEEPALIVE")]
    [InlineData("KeepAliveInterval", 0x101, "TCP_KEEPINTVL")]
    [InlineData("KeepAliveProbeCount", 0x102, "TCP_KEEPCNT")]
    [InlineData("UserTimeout", 0x80, "TCP_RXT_CONNDROPTIME")]
    [InlineData("NoDelay", 0x01, "TCP_NODELAY")]
    [InlineData("ReusePort", 0x0200, "SO_REUSEPORT")]
    [InlineData("SendBufferSize", 0x1001, "SO_SNDBUF")]
    [InlineData("Linger", 0x1080, "SO_LINGER_SEC")]
    [InlineData("NoSigPipe", 0x1022, "SO_NOSIGPIPE")]
    [InlineData("IPv6Only", 27, "IPV6_V6ONLY")]
    public void Options_have_the_numbers_of_its_headers(string name, int number, string constant)
    {
        SocketOption option = SocketOptions.Find(name)!;
        Assert.Equal(number, option.DarwinNumber);
        Assert.Equal(constant, option.ConstantOn(Platform.Darwin));
    }

    // The kernel multiplies by 1000 (bsd/netinet/tcp_usrreq.c), so milliseconds would be 1000 times too long.
    [Fact]
    public void The_user_timeout_is_in_seconds_there_and_in_milliseconds_on_Linux()
    {
        Span<byte> bytes = stackalloc byte[4];
        SocketOptions.UserTimeout.On(Platform.Darwin)!.Codec.Encode(TimeSpan.FromSeconds(1.5), bytes);
        Assert.Equal(2, BitConverter.ToInt32(bytes));
        SocketOptions.UserTimeout.On(Platform.Linux)!.Codec.Encode(TimeSpan.FromSeconds(1.5), bytes);
        Assert.Equal(1500, BitConverter.ToInt32(bytes));
    }

    [Theory]
    [InlineData("PassCredential")]
    [InlineData("PeerCredential")]
    [InlineData("Domain")]
    [InlineData("Protocol")]
    public void Options_that_only_Linux_has_have_no_number(string name) =>
        Assert.Null(SocketOptions.Find(name)!.DarwinNumber);

    // bsd/sys/socket.h: int msg_iovlen, socklen_t msg_controllen; struct cmsghdr begins with a socklen_t.
    [Fact]
    public void Message_headers_have_its_layout()
    {
        Assert.Equal(new MsgHdrLayout(48, 0, 8, 16, 24, 4, 32, 40, 4, 44), Darwin.MsgHdr);
        Assert.Equal(12, Darwin.Cmsg.Header);
        Assert.Equal(16, Darwin.Cmsg.Space(4));
        Assert.Equal(20, Darwin.Cmsg.Space(8));
    }

    // bsd/sys/un.h: unsigned char sun_len; sa_family_t sun_family; char sun_path[104].
    [Fact]
    public void Unix_addresses_begin_with_a_length_byte_and_have_103_bytes()
    {
        Assert.True(Darwin.SockAddrUn.HasLengthByte);
        Assert.Equal(106, Darwin.SockAddrUn.Size);
        Assert.Equal(103, Darwin.SockAddrUn.MaximumPathLength);
    }

    // bsd/sys/errno.h
    [Theory]
    [InlineData("EAGAIN", 35)]
    [InlineData("ENOTSOCK", 38)]
    [InlineData("EPROTOTYPE", 41)]
    [InlineData("ENOPROTOOPT", 42)]
    [InlineData("EADDRINUSE", 48)]
    [InlineData("ECONNRESET", 54)]
    [InlineData("ETIMEDOUT", 60)]
    [InlineData("ECONNREFUSED", 61)]
    [InlineData("ENAMETOOLONG", 63)]
    [InlineData("EOPNOTSUPP", 102)]
    public void Errors_have_its_numbers(string name, int number) =>
        Assert.Equal(name, Errno.FromNumber(number, Platform.Darwin).Name);

    // bsd/netinet/tcp.h, struct tcp_connection_info: an established connection as the header lays it out.
    [Fact]
    public void The_statistics_of_a_connection_are_read_from_a_tcp_connection_info()
    {
        byte[] bytes = Convert.FromHexString(
            "04060600" + "07000000" + "00000000" // state 4, window scales 6; timestamps, SACK, window scale; no flags
            + "E6000000" + "B4050000" + "78690000" + "D0720000" // rto 230 ms, mss 1460, ssthresh 27000, cwnd 29392
            + "00000200" + "2C010000" + "00000200" // windows 131072; 300 bytes in the send buffer
            + "0C000000" + "0B000000" + "05000000" + "00000000" // rtt 12, 11, variance 5 ms; fast open
            + "2A00000000000000" + "0010000000000000" + "B405000000000000" // sent: 42 packets, 4096 bytes, 1460 again
            + "2800000000000000" + "0020000000000000" + "0000000000000000" // received: 40 packets, 8192 bytes
            + "0100000000000000"); // packets sent again
        Assert.Equal(TcpConnectionInfo.Size, bytes.Length);
        TcpInfo info = new(TcpConnectionInfo.ToTcpInfo(bytes), TcpConnectionInfo.Told);
        Assert.Equal(TcpConnectionState.Established, info.State);
        Assert.Equal(TimeSpan.FromMilliseconds(230), info.RetransmitTimeout);
        Assert.Equal(TimeSpan.FromMilliseconds(11), info.RoundTripTime);
        Assert.Equal(TimeSpan.FromMilliseconds(5), info.RoundTripVariation);
        Assert.Equal(1460, info.SendMaximumSegmentBytes);
        Assert.Equal((18, 20), (info.SlowStartThreshold, info.CongestionWindow));
        Assert.Equal((131_072, 131_072), (info.SendWindowBytes, info.ReceiveWindowBytes));
        Assert.Equal((4096, 1460, 8192), (info.BytesSent, info.BytesRetransmitted, info.BytesReceived));
        Assert.Equal((42, 40, 1), (info.SegmentsSent, info.SegmentsReceived, info.TotalRetransmits));
        Assert.Equal(300u, TcpConnectionInfo.SendQueue(bytes));
        Assert.Null(info.Probes);
        Assert.Null(info.Unacknowledged);
        Assert.Null(info.BytesAcknowledged);
        Assert.Null(info.LastDataReceived);
        Assert.Null(info.CongestionState);
        bytes[0] = 10;
        Assert.Equal(TcpConnectionState.TimeWait, new TcpInfo(TcpConnectionInfo.ToTcpInfo(bytes)).State);
    }

    // bsd/sys/proc_info.h, struct socket_fdinfo: soi_options at 188.
    [Theory]
    [InlineData(0x0002, true)]
    [InlineData(0x0006, true)]
    [InlineData(0x000C, false)]
    public void Whether_a_socket_listens_is_read_from_a_socket_fdinfo(short options, bool listens)
    {
        byte[] bytes = new byte[SocketFdInfo.Size];
        BitConverter.TryWriteBytes(bytes.AsSpan(188), options);
        Assert.Equal(listens, SocketFdInfo.IsListening(bytes));
    }

    // bsd/sys/proc_info.h, struct in_sockinfo at 264: ports of 4 bytes, vflag at 288, addresses of 16 at 296 and 312.
    [Theory]
    [InlineData(2, 6, 1, "10.0.0.7:50000", "192.0.2.1:443")]
    [InlineData(2, 6, 2, "[2001:db8::7]:50000", "[2001:db8::1]:443")]
    [InlineData(2, 6, 2, "[::]:8080", "[::]:0")]
    [InlineData(2, 6, 3, "0.0.0.0:8080", "0.0.0.0:0")]
    [InlineData(1, 17, 1, "0.0.0.0:53", "0.0.0.0:0")]
    public void The_addresses_of_a_socket_are_read_from_a_socket_fdinfo(
        int kind, int protocol, byte versions, string local, string remote)
    {
        byte[] bytes = new byte[SocketFdInfo.Size];
        BitConverter.TryWriteBytes(bytes.AsSpan(180), protocol);
        BitConverter.TryWriteBytes(bytes.AsSpan(256), kind);
        bytes[288] = versions;
        Put(bytes, IPEndPoint.Parse(remote), port: 264, address: 296);
        Put(bytes, IPEndPoint.Parse(local), port: 268, address: 312);
        Assert.Equal(
            new ProcessSocket(11, kind == 2, IPEndPoint.Parse(local), IPEndPoint.Parse(remote)),
            SocketFdInfo.Decode(bytes, descriptor: 11));
    }

    [Theory]
    [InlineData(3, 0)] // Unix
    [InlineData(1, 1)] // ICMP
    [InlineData(6, 2)] // a socket of the kernel's controls
    public void What_is_neither_TCP_nor_UDP_has_no_addresses(int kind, int protocol)
    {
        byte[] bytes = new byte[SocketFdInfo.Size];
        BitConverter.TryWriteBytes(bytes.AsSpan(180), protocol);
        BitConverter.TryWriteBytes(bytes.AsSpan(256), kind);
        Assert.Null(SocketFdInfo.Decode(bytes, descriptor: 3));
    }

    // struct proc_fdinfo: the number, and what it is: 1 a file, 2 a socket, 5 a kqueue, 6 a pipe.
    [Fact]
    public void Sockets_are_told_from_a_list_of_descriptors()
    {
        int[] list = [0, 1, 3, 2, 4, 6, 9, 2, 10, 5];
        byte[] bytes = [.. list.SelectMany(BitConverter.GetBytes), 0, 0, 0];
        Assert.Equal([3, 9], LibProc.SocketDescriptors(bytes));
        Assert.Empty(LibProc.SocketDescriptors([]));
    }

    private static void Put(byte[] bytes, IPEndPoint endPoint, int port, int address)
    {
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(port), (ushort)endPoint.Port);
        byte[] part = endPoint.Address.GetAddressBytes();
        part.CopyTo(bytes, address + 16 - part.Length);
    }

    // tcp_timers() in bsd/netinet/tcp_timer.c: idle + count x interval, whatever TCP_RXT_CONNDROPTIME says.
    [Fact]
    public void The_user_timeout_does_not_decide_when_probes_end_the_connection()
    {
        TcpKeepAlive settings = new()
        {
            Enabled = true,
            IdleTime = TimeSpan.FromSeconds(10),
            Interval = TimeSpan.FromSeconds(5),
            ProbeCount = 4,
            UserTimeout = TimeSpan.FromSeconds(12),
        };
        Assert.Equal(TimeSpan.FromSeconds(30), settings.DetectionTimeOn(Platform.Darwin));
        Assert.Equal(TimeSpan.FromSeconds(15), settings.DetectionTimeOn(Platform.Linux));
    }
}
