using System;
using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Interop.Netlink;
using NetKeepAlive.Tables;

namespace NetKeepAlive;

/// <summary>
/// A row of the system's table of TCP sockets at one moment, own or foreign: sock_diag(7) of Linux. Names and states
/// are those of Windows' Get-NetTCPConnection. It holds no descriptor; whoever works on it reaches the socket through
/// its owner's, and first makes sure that it is still this one.
/// </summary>
public sealed class TcpConnection
{
    private readonly DiagRecord _record;
    private string? _localAddress;
    private string? _remoteAddress;

    internal TcpConnection(DiagRecord record) => _record = record;

    /// <summary>This side's address as the kernel has it: <c>127.0.0.1</c>, <c>::</c>, <c>::ffff:10.0.0.1</c> for an
    /// IPv4 connection of an IPv6 socket, <c>fe80::1%2</c> with the interface's number.</summary>
    public string LocalAddress => _localAddress ??= Text(source: true);

    /// <summary>This side's port.</summary>
    public int LocalPort => _record.Identity.SourcePort;

    /// <summary>The peer's address; <c>0.0.0.0</c> or <c>::</c> of a listener.</summary>
    public string RemoteAddress => _remoteAddress ??= Text(source: false);

    /// <summary>The peer's port; 0 of a listener.</summary>
    public int RemotePort => _record.Identity.DestinationPort;

    /// <summary>The state.</summary>
    public TcpState State => KernelState.ToTcpState(_record.State);

    /// <summary>The process that holds the socket; null where none does (TimeWait, SynReceived, not yet accepted), and
    /// where this user may not see it. The lowest id where several processes do.</summary>
    public int? OwningProcess { get; internal init; }

    /// <summary>That process's name, at most 15 characters.</summary>
    public string? ProcessName { get; internal init; }

    /// <summary>The socket's descriptor in that process.</summary>
    public int? FileDescriptor { get; internal init; }

    /// <summary>The socket's inode, as <c>/proc/PID/fd</c> shows it; 0 where no process holds it.</summary>
    public long Inode => _record.Inode;

    /// <summary>The number of the user who opened the socket.</summary>
    public long UserId => _record.User;

    /// <summary>The timer that runs.</summary>
    public TcpTimer Timer => (TcpTimer)_record.Timer;

    /// <summary>When it goes off, from the moment of the listing; milliseconds count. Null where none runs.</summary>
    public TimeSpan? TimerExpires =>
        Timer is TcpTimer.None ? null : TimeSpan.FromMilliseconds(_record.Expires);

    /// <summary>How often that timer went off without an answer: retransmissions, or probes.</summary>
    public int Retransmits => _record.Retransmits;

    /// <summary>Bytes that came and were not read yet; of a listener, connections that wait to be accepted.</summary>
    public long ReceiveQueue => _record.ReceiveQueue;

    /// <summary>Bytes written that the peer has not acknowledged; of a listener, how many connections may
    /// wait.</summary>
    public long SendQueue => _record.SendQueue;

    /// <summary>The kernel's account of the connection; null where it gives none (TimeWait, SynReceived).</summary>
    public TcpInfo? Info =>
        _record.Info.Length == 0 ? null : new TcpInfo(_record.Info, _record) { Connection = ToString() };

    /// <summary>The keep-alive settings, where they were asked for and could be read.</summary>
    public TcpKeepAlive? KeepAlive { get; internal set; }

    /// <summary>IPv4 or IPv6: the socket's own, also where it carries an IPv4 connection.</summary>
    public AddressFamily AddressFamily =>
        _record.IsIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;

    /// <summary>The kernel's number of this socket, never given twice while the system runs.</summary>
    public ulong Cookie => _record.Cookie;

    internal SocketIdentity Identity => _record.Identity;

    internal bool IsIPv6 => _record.IsIPv6;

    internal IPAddress LocalIPAddress => SocketIdentity.ToIPAddress(_record.Identity, source: true, _record.IsIPv6);

    internal IPAddress RemoteIPAddress => SocketIdentity.ToIPAddress(_record.Identity, source: false, _record.IsIPv6);

    /// <summary>Opens the socket through its owner's descriptor.</summary>
    /// <exception cref="NativeSocketException"><c>EPERM</c>: no rights over its owner; <c>ESRCH</c>: no process holds
    /// it;
    /// <c>EBADF</c>: the descriptor was closed or holds another socket, which was not touched.</exception>
    internal SocketReference Open() => ConnectionOwner.Open(this);

    /// <summary>The row as it is now; null where the connection is gone.</summary>
    /// <exception cref="NativeSocketException">The kernel refused.</exception>
    internal TcpInfo? ReadInfo(DiagSocket socket) =>
        socket.Get(IsIPv6, Identity, ToString()) is { Info.Length: > 0 } now
            ? new TcpInfo(now.Info, now) { Connection = ToString() }
            : null;

    /// <summary>The addresses: <c>10.0.0.1:40000 -> 10.0.0.2:6379</c>; of a listener only its own.</summary>
    public override string ToString() => State is TcpState.Listen
        ? EndPoint(LocalAddress, LocalPort)
        : $"{EndPoint(LocalAddress, LocalPort)} -> {EndPoint(RemoteAddress, RemotePort)}";

    private string EndPoint(string address, int port) => _record.IsIPv6
        ? string.Create(CultureInfo.InvariantCulture, $"[{address}]:{port}")
        : string.Create(CultureInfo.InvariantCulture, $"{address}:{port}");

    private string Text(bool source) =>
        SocketIdentity.ToIPAddress(_record.Identity, source, _record.IsIPv6).ToString();
}
