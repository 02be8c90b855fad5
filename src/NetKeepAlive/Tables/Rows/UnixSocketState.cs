namespace NetKeepAlive;

/// <summary>The state of a Unix socket. The numbers are no other enumeration's: see <see
/// cref="TcpConnectionState"/>.</summary>
public enum UnixSocketState
{
    /// <summary>A state that this module does not know.</summary>
    Unknown = 1000,

    /// <summary>Neither connected nor listening.</summary>
    Unconnected = 1001,

    /// <summary>Waits for connections.</summary>
    Listen = 1002,

    /// <summary>Connected: the peer may not have accepted yet.</summary>
    Established = 1005,
}
