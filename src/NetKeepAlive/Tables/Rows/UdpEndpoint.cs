using System.Net;
using System.Net.Sockets;
using NetKeepAlive.Addresses;
using NetKeepAlive.Interop.Netlink;
using NetKeepAlive.Tables;

namespace NetKeepAlive;

/// <summary>A row of the system's table of UDP sockets at one moment: sock_diag(7), on macOS .NET's. Names are those of
/// Windows' Get-NetUDPEndpoint.</summary>
public sealed class UdpEndpoint : SocketRow
{
    private readonly DiagRecord _record;

    internal UdpEndpoint(DiagRecord record, NetNamespace? network)
        : base(network) => _record = record;

    /// <summary>The address that datagrams are received at.</summary>
    public string LocalAddress => Address(source: true).ToString();

    /// <summary>The port that datagrams are received at.</summary>
    public int LocalPort => _record.Identity.SourcePort;

    /// <summary>The peer's address, of a socket that is connected to one; else null.</summary>
    public string? RemoteAddress => IsConnected ? Address(source: false).ToString() : null;

    /// <summary>The peer's port, of a socket that is connected to one; else null.</summary>
    public int? RemotePort => IsConnected ? _record.Identity.DestinationPort : null;

    /// <inheritdoc/>
    public override long Inode => _record.Inode;

    /// <inheritdoc/>
    public override long? UserId => _record.IsPartial ? null : _record.User;

    /// <summary>Memory of what came and was not read yet, in bytes.</summary>
    public long? ReceiveQueue => _record.IsPartial ? null : _record.ReceiveQueue;

    /// <summary>Memory of what is not sent yet, in bytes.</summary>
    public long? SendQueue => _record.IsPartial ? null : _record.SendQueue;

    /// <summary>How many datagrams were dropped because the socket had no room for them; null where the kernel does not
    /// say.</summary>
    public long? Drops => _record.Drops;

    /// <summary>IPv4 or IPv6.</summary>
    public AddressFamily AddressFamily =>
        _record.IsIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;

    /// <inheritdoc/>
    public override ulong Cookie => _record.Cookie;

    private bool IsConnected => _record.State == NetlinkAbi.StateEstablished;

    /// <summary>The addresses: <c>udp:0.0.0.0:53</c>, <c>udp:10.0.0.1:40000 -> 10.0.0.2:53</c>.</summary>
    public override string ToString()
    {
        string local = $"udp:{SocketName.Text(new IPEndPoint(Address(source: true), LocalPort))}";
        return IsConnected
            ? $"{local} -> {SocketName.Text(new IPEndPoint(Address(source: false), RemotePort ?? 0))}"
            : local;
    }

    private IPAddress Address(bool source) =>
        SocketIdentity.ToIPAddress(_record.Identity, source, _record.IsIPv6);
}
