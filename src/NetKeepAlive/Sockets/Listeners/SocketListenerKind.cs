namespace NetKeepAlive;

/// <summary>What a listener accepts.</summary>
public enum SocketListenerKind
{
    /// <summary>TCP connections.</summary>
    Tcp = 1000,

    /// <summary>TCP connections, shared with other listeners on the same port (SO_REUSEPORT).</summary>
    Reuseport,

    /// <summary>Unix stream connections.</summary>
    UnixStream,

    /// <summary>Unix seqpacket connections.</summary>
    Seqpacket,
}
