using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Netlink;
using NetKeepAlive.Tables;

namespace NetKeepAlive;

/// <summary>A row of the system's table of Unix sockets at one moment: unix_diag of sock_diag(7). It tells both ends of a
/// connection.</summary>
public sealed class UnixSocketInfo : SocketRow
{
    private readonly UnixRecord _record;
    private readonly uint _inode;

    internal UnixSocketInfo(UnixRecord record, NetNamespace? network)
        : base(network)
    {
        _record = record;
        _inode = record.Inode;
        ReadOnlySpan<byte> name = record.Name;
        if (name.Length > 0 && name[0] == 0)
        {
            AbstractName = Encoding.UTF8.GetString(name[1..]);
        }
        else if (name.Length > 0)
        {
            int end = name.IndexOf((byte)0);
            LocalPath = Encoding.UTF8.GetString(end < 0 ? name : name[..end]);
        }
    }

    // A peer in another network namespace: no more is known of it than its inode.
    private UnixSocketInfo(uint inode)
        : base(null) => _inode = inode;

    /// <summary>The path that the socket is bound to, as it was given to bind(2); null where it has none.</summary>
    public string? LocalPath { get; }

    /// <summary>The name in Linux's abstract namespace that the socket is bound to; null where it has none.</summary>
    public string? AbstractName { get; }

    /// <summary>Stream, Datagram or Seqpacket.</summary>
    public UnixSocketType SocketType => _record.Type switch
    {
        NetlinkAbi.UnixTypeStream => UnixSocketType.Stream,
        NetlinkAbi.UnixTypeDatagram => UnixSocketType.Datagram,
        _ => UnixSocketType.Seqpacket,
    };

    /// <summary>The state.</summary>
    public UnixSocketState State => _record.State switch
    {
        NetlinkAbi.StateListen => UnixSocketState.Listen,
        NetlinkAbi.StateEstablished => UnixSocketState.Established,
        NetlinkAbi.StateClose => UnixSocketState.Unconnected,
        _ => UnixSocketState.Unknown,
    };

    /// <inheritdoc/>
    public override long Inode => _inode;

    /// <inheritdoc/>
    public override long? UserId => _record.User;

    /// <inheritdoc/>
    public override ulong Cookie => _record.Cookie;

    /// <summary>Bytes that came and were not read yet; null of a listener.</summary>
    public long? ReceiveQueue => IsListener ? null : _record.ReceiveQueue;

    /// <summary>Bytes that were sent and that the peer has not read yet; null of a listener.</summary>
    public long? SendQueue => IsListener ? null : _record.SendQueue;

    /// <summary>Connections that wait to be accepted; null of what is no listener.</summary>
    public long? AcceptQueue => IsListener ? _record.ReceiveQueue : null;

    /// <summary>How many connections may wait to be accepted; null of what is no listener.</summary>
    public long? Backlog => IsListener ? _record.SendQueue : null;

    /// <summary>The inode of the socket at the other end: of a connection that waits to be accepted, the listener's; null
    /// where there is none.</summary>
    public long? PeerInode => Peer?.Inode;

    /// <summary>What the other end is bound to: a path, or <c>@</c> and an abstract name; null where it has no name or is
    /// in another network namespace.</summary>
    public string? PeerPath => Peer?.Name;

    /// <summary>The process that holds the other end.</summary>
    public int? PeerProcess => Peer?.OwningProcess;

    /// <summary>That process's name, at most 15 characters; control characters are escaped.</summary>
    public string? PeerProcessName => Peer?.OwningProcessName;

    internal bool IsListener => _record.State == NetlinkAbi.StateListen;

    /// <summary>The path, or <c>@</c> and the abstract name.</summary>
    internal string? Name => LocalPath ?? (AbstractName is null ? null : "@" + AbstractName);

    internal UnixSocketInfo? Peer { get; private set; }

    /// <summary>Links each row to its peer.</summary>
    internal static void Link(IReadOnlyCollection<UnixSocketInfo> rows)
    {
        Dictionary<uint, UnixSocketInfo> byInode = new(rows.Count);
        foreach (UnixSocketInfo row in rows)
        {
            byInode[row._inode] = row;
        }

        foreach (UnixSocketInfo row in rows)
        {
            if (row._record.Peer != 0)
            {
                row.Peer = byInode.GetValueOrDefault(row._record.Peer) ?? new UnixSocketInfo(row._record.Peer);
            }

            // Who waits to be accepted has a peer that no process has yet: the listener stands for it.
            foreach (uint waiting in row._record.Connecting ?? [])
            {
                if (byInode.GetValueOrDefault(waiting) is { } client)
                {
                    client.Peer ??= row;
                }
            }
        }
    }

    /// <summary>What it is bound to, and its inode where that is nothing: <c>unix:/run/x.sock</c>,
    /// <c>unix:@name</c>, <c>unix:[4711]</c>.</summary>
    public override string ToString() => Name is { } name
        ? $"unix:{VisibleText.Escape(name)}"
        : string.Create(CultureInfo.InvariantCulture, $"unix:[{Inode}]");
}
