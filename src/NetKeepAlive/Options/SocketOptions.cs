using System;
using System.Collections.Generic;
using static NetKeepAlive.Options.OptionCodecs;
using static NetKeepAlive.SocketOptionAccess;
using Level = System.Net.Sockets.SocketOptionLevel;

namespace NetKeepAlive.Options;

/// <summary>
/// The option table: one row a portable concept, with its number, constant and layout per platform. Sources: Linux
/// <c>asm-generic/socket.h</c>, <c>linux/tcp.h</c>, <c>linux/in.h</c>, <c>linux/in6.h</c>; xnu <c>bsd/sys/socket.h</c>,
/// <c>bsd/netinet/tcp.h</c>, <c>bsd/netinet/in.h</c>, <c>bsd/netinet6/in6.h</c>.
/// </summary>
internal static class SocketOptions
{
    private const string KeepAliveTimes = "1 s to 32767 s";

    // tcp(7): keep-alive
    internal static readonly SocketOption<bool> KeepAlive =
        Both("KeepAlive", Level.Socket, Flag, (9, "SO_KEEPALIVE"), (0x0008, "SO_KEEPALIVE"));

    internal static readonly SocketOption<TimeSpan> KeepAliveIdleTime =
        Both(
            "KeepAliveIdleTime", Level.Tcp, Seconds, (4, "TCP_KEEPIDLE"), (0x10, "TCP_KEEPALIVE"),
            accepted: KeepAliveTimes);

    internal static readonly SocketOption<TimeSpan> KeepAliveInterval =
        Both(
            "KeepAliveInterval", Level.Tcp, Seconds, (5, "TCP_KEEPINTVL"), (0x101, "TCP_KEEPINTVL"),
            accepted: KeepAliveTimes);

    internal static readonly SocketOption<int> KeepAliveProbeCount =
        Both(
            "KeepAliveProbeCount", Level.Tcp, Integer, (6, "TCP_KEEPCNT"), (0x102, "TCP_KEEPCNT"),
            accepted: $"1 to {TcpKeepAlive.MaximumProbeCount}");

    /// <summary>Linux counts it in milliseconds, macOS in seconds.</summary>
    internal static readonly SocketOption<TimeSpan> UserTimeout = new(
        "UserTimeout", Level.Tcp, ReadWrite,
        linux: new(18, "TCP_USER_TIMEOUT", Milliseconds),
        darwin: new(0x80, "TCP_RXT_CONNDROPTIME", MillisecondsInSeconds));

    // tcp(7)
    internal static readonly SocketOption<bool> NoDelay =
        Both("NoDelay", Level.Tcp, Flag, (1, "TCP_NODELAY"), (0x01, "TCP_NODELAY"));

    internal static readonly SocketOption<int> MaximumSegmentSize =
        Both("MaximumSegmentSize", Level.Tcp, Integer, (2, "TCP_MAXSEG"), (0x02, "TCP_MAXSEG"));

    internal static readonly SocketOption<bool> Cork =
        Both("Cork", Level.Tcp, Flag, (3, "TCP_CORK"), (0x04, "TCP_NOPUSH"));

    internal static readonly SocketOption<TimeSpan> ConnectionTimeout =
        DarwinOnly("ConnectionTimeout", Level.Tcp, Seconds, 0x20, "TCP_CONNECTIONTIMEOUT");

    internal static readonly SocketOption<bool> SendMoreAcks =
        DarwinOnly("SendMoreAcks", Level.Tcp, Flag, 0x103, "TCP_SENDMOREACKS");

    internal static readonly SocketOption<int> SynCount =
        LinuxOnly("SynCount", Level.Tcp, Integer, 7, "TCP_SYNCNT", accepted: "1 to 127");
    internal static readonly SocketOption<TimeSpan> FinTimeout =
        LinuxOnly("FinTimeout", Level.Tcp, Seconds, 8, "TCP_LINGER2");
    internal static readonly SocketOption<TimeSpan> DeferAccept =
        LinuxOnly("DeferAccept", Level.Tcp, Seconds, 9, "TCP_DEFER_ACCEPT");

    internal static readonly SocketOption<int> WindowClamp =
        LinuxOnly("WindowClamp", Level.Tcp, Integer, 10, "TCP_WINDOW_CLAMP");
    internal static readonly SocketOption<bool> QuickAck = LinuxOnly("QuickAck", Level.Tcp, Flag, 12, "TCP_QUICKACK");
    internal static readonly SocketOption<string> Congestion =
        LinuxOnly(
            "Congestion", Level.Tcp, Text, 13, "TCP_CONGESTION",
            names: "the sysctl net.ipv4.tcp_available_congestion_control");

    internal static readonly SocketOption<int> FastOpen =
        Both("FastOpen", Level.Tcp, Integer, (23, "TCP_FASTOPEN"), (0x105, "TCP_FASTOPEN"));

    internal static readonly SocketOption<int> NotSentLowWater =
        Both("NotSentLowWater", Level.Tcp, Integer, (25, "TCP_NOTSENT_LOWAT"), (0x201, "TCP_NOTSENT_LOWAT"));

    // socket(7)
    internal static readonly SocketOption<bool> ReuseAddress =
        Both("ReuseAddress", Level.Socket, Flag, (2, "SO_REUSEADDR"), (0x0004, "SO_REUSEADDR"));

    internal static readonly SocketOption<bool> ReusePort =
        Both("ReusePort", Level.Socket, Flag, (15, "SO_REUSEPORT"), (0x0200, "SO_REUSEPORT"));

    internal static readonly SocketOption<int> SocketType =
        Both("Type", Level.Socket, Integer, (3, "SO_TYPE"), (0x1008, "SO_TYPE"), ReadOnly);

    internal static readonly SocketOption<int> Error =
        Both("Error", Level.Socket, Integer, (4, "SO_ERROR"), (0x1007, "SO_ERROR"), ReadOnly);

    internal static readonly SocketOption<bool> DontRoute =
        Both("DontRoute", Level.Socket, Flag, (5, "SO_DONTROUTE"), (0x0010, "SO_DONTROUTE"));

    internal static readonly SocketOption<bool> Broadcast =
        Both("Broadcast", Level.Socket, Flag, (6, "SO_BROADCAST"), (0x0020, "SO_BROADCAST"));

    internal static readonly SocketOption<int> SendBufferSize =
        Both("SendBufferSize", Level.Socket, Integer, (7, "SO_SNDBUF"), (0x1001, "SO_SNDBUF"));

    internal static readonly SocketOption<int> ReceiveBufferSize =
        Both("ReceiveBufferSize", Level.Socket, Integer, (8, "SO_RCVBUF"), (0x1002, "SO_RCVBUF"));

    internal static readonly SocketOption<bool> OutOfBandInline =
        Both("OutOfBandInline", Level.Socket, Flag, (10, "SO_OOBINLINE"), (0x0100, "SO_OOBINLINE"));

    internal static readonly SocketOption<int> Priority =
        LinuxOnly("Priority", Level.Socket, Integer, 12, "SO_PRIORITY");

    /// <summary>macOS counts SO_LINGER in clock ticks, SO_LINGER_SEC in seconds; it keeps a short of hundredths.</summary>
    internal static readonly SocketOption<TimeSpan?> Linger = new(
        "Linger", Level.Socket, ReadWrite,
        linux: new(13, "SO_LINGER", OptionCodecs.Linger),
        darwin: new(0x1080, "SO_LINGER_SEC", ShortLinger));

    internal static readonly SocketOption<bool> PassCredential =
        LinuxOnly("PassCredential", Level.Socket, Flag, 16, "SO_PASSCRED");

    internal static readonly SocketOption<PeerCredential> PeerCredential =
        LinuxOnly("PeerCredential", Level.Socket, Credential, 17, "SO_PEERCRED", ReadOnly);

    internal static readonly SocketOption<int> ReceiveLowWater =
        Both("ReceiveLowWater", Level.Socket, Integer, (18, "SO_RCVLOWAT"), (0x1004, "SO_RCVLOWAT"));

    internal static readonly SocketOption<TimeSpan> ReceiveTimeout =
        Both("ReceiveTimeout", Level.Socket, Timeval, (20, "SO_RCVTIMEO"), (0x1006, "SO_RCVTIMEO"));

    internal static readonly SocketOption<TimeSpan> SendTimeout =
        Both("SendTimeout", Level.Socket, Timeval, (21, "SO_SNDTIMEO"), (0x1005, "SO_SNDTIMEO"));

    internal static readonly SocketOption<string> BindToDevice =
        LinuxOnly("BindToDevice", Level.Socket, Text, 25, "SO_BINDTODEVICE", names: "ip link");

    internal static readonly SocketOption<bool> Timestamp =
        Both("Timestamp", Level.Socket, Flag, (29, "SO_TIMESTAMP"), (0x0400, "SO_TIMESTAMP"));

    internal static readonly SocketOption<bool> AcceptConnections =
        LinuxOnly("AcceptConnections", Level.Socket, Flag, 30, "SO_ACCEPTCONN", ReadOnly);

    internal static readonly SocketOption<int> Mark = LinuxOnly("Mark", Level.Socket, Integer, 36, "SO_MARK");
    internal static readonly SocketOption<int> Protocol =
        LinuxOnly("Protocol", Level.Socket, Integer, 38, "SO_PROTOCOL", ReadOnly);

    internal static readonly SocketOption<int> Domain =
        LinuxOnly("Domain", Level.Socket, Integer, 39, "SO_DOMAIN", ReadOnly);
    internal static readonly SocketOption<TimeSpan> BusyPoll =
        LinuxOnly("BusyPoll", Level.Socket, Microseconds, 46, "SO_BUSY_POLL");

    internal static readonly SocketOption<int> IncomingCpu =
        LinuxOnly("IncomingCpu", Level.Socket, Integer, 49, "SO_INCOMING_CPU");

    internal static readonly SocketOption<bool> NoSigPipe =
        DarwinOnly("NoSigPipe", Level.Socket, Flag, 0x1022, "SO_NOSIGPIPE");

    /// <summary>What waits to be read: of a datagram socket the length of the first message.</summary>
    internal static readonly SocketOption<int> UnreadBytes =
        DarwinOnly("UnreadBytes", Level.Socket, Integer, 0x1020, "SO_NREAD", ReadOnly);

    internal static readonly SocketOption<int> UnsentBytes =
        DarwinOnly("UnsentBytes", Level.Socket, Integer, 0x1024, "SO_NWRITE", ReadOnly);

    // ip(7), ipv6(7)
    internal static readonly SocketOption<int> TypeOfService =
        Both("TypeOfService", Level.IP, Integer, (1, "IP_TOS"), (3, "IP_TOS"));

    internal static readonly SocketOption<int> TimeToLive =
        Both("TimeToLive", Level.IP, Integer, (2, "IP_TTL"), (4, "IP_TTL"), accepted: "1 to 255");

    internal static readonly SocketOption<bool> FreeBind = LinuxOnly("FreeBind", Level.IP, Flag, 15, "IP_FREEBIND");
    internal static readonly SocketOption<bool> Transparent =
        LinuxOnly("Transparent", Level.IP, Flag, 19, "IP_TRANSPARENT");

    /// <summary>The number of the one interface that is used, 0 for any.</summary>
    internal static readonly SocketOption<int> BoundInterface =
        DarwinOnly("BoundInterface", Level.IP, Integer, 25, "IP_BOUND_IF");

    internal static readonly SocketOption<int> IPv6BoundInterface =
        DarwinOnly("IPv6BoundInterface", Level.IPv6, Integer, 125, "IPV6_BOUND_IF");

    internal static readonly SocketOption<int> HopLimit =
        Both(
            "HopLimit", Level.IPv6, Integer, (16, "IPV6_UNICAST_HOPS"), (4, "IPV6_UNICAST_HOPS"),
            accepted: "0 to 255; -1 is the system's default");

    internal static readonly SocketOption<bool> IPv6Only =
        Both("IPv6Only", Level.IPv6, Flag, (26, "IPV6_V6ONLY"), (27, "IPV6_V6ONLY"));

    internal static readonly SocketOption<int> TrafficClass =
        Both(
            "TrafficClass", Level.IPv6, Integer, (67, "IPV6_TCLASS"), (36, "IPV6_TCLASS"),
            accepted: "0 to 255; -1 is the system's default");

    /// <summary>Every row of the table, in the order of the manual pages above.</summary>
    internal static IReadOnlyList<SocketOption> All { get; } =
    [
        KeepAlive, KeepAliveIdleTime, KeepAliveInterval, KeepAliveProbeCount, UserTimeout,
        NoDelay, MaximumSegmentSize, Cork, SynCount, FinTimeout, DeferAccept, WindowClamp, QuickAck, Congestion,
        FastOpen, NotSentLowWater, ConnectionTimeout, SendMoreAcks,
        ReuseAddress, ReusePort, SocketType, Error, DontRoute, Broadcast, SendBufferSize, ReceiveBufferSize,
        OutOfBandInline, Priority, Linger, PassCredential, PeerCredential, ReceiveLowWater, ReceiveTimeout,
        SendTimeout, BindToDevice, Timestamp, AcceptConnections, Mark, Protocol, Domain, BusyPoll, IncomingCpu,
        NoSigPipe, UnreadBytes, UnsentBytes,
        TypeOfService, TimeToLive, FreeBind, Transparent, BoundInterface, HopLimit, IPv6Only, TrafficClass,
        IPv6BoundInterface,
    ];

    /// <summary>The row with this name, or with this constant (<c>TCP_KEEPINTVL</c>), in any case; null where none
    /// has it.</summary>
    internal static SocketOption? Find(string name)
    {
        foreach (SocketOption option in All)
        {
            if (string.Equals(option.Name, name, StringComparison.OrdinalIgnoreCase)
                || string.Equals(option.ConstantOn(Interop.Platform.Linux), name, StringComparison.OrdinalIgnoreCase)
                || string.Equals(option.ConstantOn(Interop.Platform.Darwin), name, StringComparison.OrdinalIgnoreCase))
            {
                return option;
            }
        }

        return null;
    }

    private static SocketOption<T> Both<T>(
        string name, Level level, OptionCodec<T> codec,
        (int Number, string Constant) linux, (int Number, string Constant) darwin,
        SocketOptionAccess access = ReadWrite, string? accepted = null) =>
        new(name, level, access, new(linux.Number, linux.Constant, codec), new(darwin.Number, darwin.Constant, codec))
        {
            Accepted = accepted,
        };

    private static SocketOption<T> LinuxOnly<T>(
        string name, Level level, OptionCodec<T> codec, int number, string constant,
        SocketOptionAccess access = ReadWrite, string? names = null, string? accepted = null) =>
        new(name, level, access, new(number, constant, codec), darwin: null) { Names = names, Accepted = accepted };

    private static SocketOption<T> DarwinOnly<T>(
        string name, Level level, OptionCodec<T> codec, int number, string constant,
        SocketOptionAccess access = ReadWrite) =>
        new(name, level, access, linux: null, new(number, constant, codec));
}
