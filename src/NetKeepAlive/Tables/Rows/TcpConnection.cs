using System;
using System.Net;
using System.Net.Sockets;
using NetKeepAlive.Addresses;
using NetKeepAlive.Interop.Netlink;
using NetKeepAlive.Tables;

namespace NetKeepAlive;

/// <summary>
/// A row of the system's table of TCP sockets at one moment, own or foreign: sock_diag(7) of Linux; on macOS what .NET
/// lists, addresses, ports and states, with the owner, and the rest is null. Names and states are those of Windows'
/// Get-NetTCPConnection. It holds no descriptor; whoever works on it reaches the socket through
/// its owner's, and first makes sure that it is still this one.
/// </summary>
public sealed class TcpConnection : SocketRow
{
    private readonly DiagRecord _record;
    private string? _localAddress;
    private string? _remoteAddress;

    internal TcpConnection(DiagRecord record, NetNamespace? network = null)
        : base(network) => _record = record;

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
    public TcpConnectionState State => KernelState.FromKernel(_record.State);

    /// <inheritdoc/>
    public override long Inode => _record.Inode;

    /// <inheritdoc/>
    public override long? UserId => _record.IsPartial ? null : _record.User;

    /// <summary>The timer that runs.</summary>
    public TcpTimer? Timer => _record.IsPartial ? null : (TcpTimer)_record.Timer;

    /// <summary>When it goes off, from the moment of the listing; milliseconds count. Null where none runs.</summary>
    public TimeSpan? TimerExpires =>
        Timer is null or TcpTimer.None ? null : TimeSpan.FromMilliseconds(_record.Expires);

    /// <summary>How often that timer went off without an answer: retransmissions, or probes.</summary>
    public int? Retransmits => _record.IsPartial ? null : _record.Retransmits;

    /// <summary>Bytes that came and were not read yet; null of a listener.</summary>
    public long? ReceiveQueue => IsListener || _record.IsPartial ? null : _record.ReceiveQueue;

    /// <summary>Bytes written that the peer has not acknowledged; null of a listener.</summary>
    public long? SendQueue => IsListener || _record.IsPartial ? null : _record.SendQueue;

    /// <summary>Connections that wait to be accepted; null of what is no listener.</summary>
    public long? AcceptQueue => IsListener && !_record.IsPartial ? _record.ReceiveQueue : null;

    /// <summary>How many connections may wait to be accepted; null of what is no listener.</summary>
    public long? Backlog => IsListener && !_record.IsPartial ? _record.SendQueue : null;

    /// <summary>Is it a subflow of a Multipath TCP socket (RFC 8684)? Its owner's descriptor is the whole socket's, whose
    /// options are those of all its subflows.</summary>
    public bool IsMultipath => _record.IsMultipath;

    /// <summary>The kernel's statistics of the connection; null where it gives none (TimeWait, SynReceived).</summary>
    public TcpInfo? Info => _record.Info.Length == 0 ? null : ToInfo(_record.Info);

    /// <summary>The keep-alive settings, where they were asked for and could be read.</summary>
    public TcpKeepAlive? KeepAlive { get; internal set; }

    /// <summary>IPv4 or IPv6: the socket's own, also where it carries an IPv4 connection.</summary>
    public AddressFamily AddressFamily =>
        _record.IsIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;

    /// <inheritdoc/>
    public override ulong Cookie => _record.Cookie;

    /// <summary>The row of this connection once it has ended.</summary>
    internal TcpConnection Ended(DiagRecord last)
    {
        TcpConnection row = new(_record.Ended(last), Network) { KeepAlive = KeepAlive };
        row.TakeOwner(this);
        return row;
    }

    /// <summary>Keeps what an earlier row of this connection has and this one could not see: its process may have closed it
    /// before the look came to it, and who is gone is not looked into.</summary>
    internal void KeepUnseen(TcpConnection before)
    {
        if (OwningProcess is null)
        {
            TakeOwner(before);
        }

        KeepAlive ??= before.KeepAlive;
    }

    /// <summary>The same row without the kernel's account.</summary>
    internal TcpConnection WithoutInfo()
    {
        TcpConnection row = new(_record.WithoutInfo(), Network) { KeepAlive = KeepAlive };
        row.TakeOwner(this);
        return row;
    }

    /// <summary>The same row with these settings.</summary>
    internal TcpConnection WithKeepAlive(TcpKeepAlive settings)
    {
        TcpConnection row = new(_record, Network) { KeepAlive = settings };
        row.TakeOwner(this);
        return row;
    }

    internal bool IsListener => _record.State == NetlinkAbi.StateListen;

    internal SocketIdentity Identity => _record.Identity;

    internal bool IsIPv6 => _record.IsIPv6;

    internal IPAddress LocalIPAddress => SocketIdentity.ToIPAddress(_record.Identity, source: true, _record.IsIPv6);

    internal IPAddress RemoteIPAddress => SocketIdentity.ToIPAddress(_record.Identity, source: false, _record.IsIPv6);

    /// <summary>The statistics that a socket in hand gave, with what the row says beside it.</summary>
    internal TcpInfo ToInfo(TcpInfo own) => ToInfo(own.Bytes);

    private TcpInfo ToInfo(ReadOnlyMemory<byte> bytes) => new(bytes)
    {
        ReceiveQueue = ReceiveQueue,
        SendQueue = SendQueue,
        AcceptQueue = AcceptQueue,
        Backlog = Backlog,
        LocalAddress = LocalAddress,
        LocalPort = LocalPort,
        RemoteAddress = RemoteAddress,
        RemotePort = RemotePort,
        NetworkNamespace = NetworkNamespace,
        Connection = ToString(),
    };

    /// <summary>The addresses: <c>10.0.0.1:40000 -> 10.0.0.2:6379</c>; of a listener only its own.</summary>
    public override string ToString() => IsListener
        ? EndPoint(source: true, LocalPort)
        : $"{EndPoint(source: true, LocalPort)} -> {EndPoint(source: false, RemotePort)}";

    private string EndPoint(bool source, int port) => SocketName.Text(new IPEndPoint(Address(source), port));

    private string Text(bool source) => Address(source).ToString();

    private IPAddress Address(bool source) => SocketIdentity.ToIPAddress(_record.Identity, source, _record.IsIPv6);
}
