using System;
using System.Globalization;

namespace NetKeepAlive;

/// <summary>What became of a connection. The numbers are no other enumeration's: see <see
/// cref="TcpConnectionState"/>.</summary>
public enum TcpChange
{
    /// <summary>It was not there at the last look.</summary>
    Opened = 1000,

    /// <summary>Its state, its owner or its settings changed.</summary>
    Changed = 1001,

    /// <summary>Its socket is gone.</summary>
    Closed = 1002,
}

/// <summary>A change of a TCP connection, as it was seen.</summary>
public sealed class TcpConnectionChange
{
    internal TcpConnectionChange(TcpChange change, TcpConnection connection, TcpConnection? previous)
    {
        Time = DateTimeOffset.Now;
        Change = change;
        Connection = connection;
        // Its account is told by what moved since.
        Previous = previous?.WithoutInfo();
        // The same row twice is one of which only the end was seen: what moved until then nobody told.
        TcpInfo? now = ReferenceEquals(connection, previous) ? null : connection.Info;
        TcpInfo? then = previous?.Info;
        BytesSent = now?.BytesSent - (then?.BytesSent ?? 0);
        BytesReceived = now?.BytesReceived - (then?.BytesReceived ?? 0);
        BytesRetransmitted = now?.BytesRetransmitted - (then?.BytesRetransmitted ?? 0);
    }

    /// <summary>When it was seen.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>Opened, Changed or Closed.</summary>
    public TcpChange Change { get; }

    /// <summary>The connection as it is now; of one that has ended, as it was at last. One that was opened and closed
    /// between two looks has no owner.</summary>
    public TcpConnection Connection { get; private set; }

    /// <summary>The connection as it was last told of, or when the watch began; null of one that is new.</summary>
    public TcpConnection? Previous { get; }

    /// <summary>Bytes sent since then, those sent again included; null where the kernel did not say: it forgets the
    /// account of a connection that its own side resets, and tells the last one only to root.</summary>
    public long? BytesSent { get; }

    /// <summary>Bytes received since then; Linux counts the peer's end as one.</summary>
    public long? BytesReceived { get; }

    /// <summary>Bytes sent again since then.</summary>
    public long? BytesRetransmitted { get; }

    /// <summary>The same change with these settings of the connection. Its row is not touched: whoever watches compares with
    /// it.</summary>
    internal TcpConnectionChange WithKeepAlive(TcpKeepAlive settings)
    {
        TcpConnectionChange change = (TcpConnectionChange)MemberwiseClone();
        change.Connection = Connection.WithKeepAlive(settings);
        return change;
    }

    /// <summary>A line of a log: <c>12:00:00.123 Closed 10.0.0.1:40000 -> 10.0.0.2:6379</c>.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Time:HH:mm:ss.fff} {Change} {Connection}");
}
