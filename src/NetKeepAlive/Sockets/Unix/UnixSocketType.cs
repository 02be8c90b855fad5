namespace NetKeepAlive;

/// <summary>The types of Unix sockets (unix(7)).</summary>
public enum UnixSocketType
{
    /// <summary>A connection of messages.</summary>
    Seqpacket,

    /// <summary>Messages.</summary>
    Datagram,

    /// <summary>A connection of bytes.</summary>
    Stream,
}
