namespace NetKeepAlive;

/// <summary>Which directions of a socket are open.</summary>
public enum SocketState
{
    /// <summary>Both.</summary>
    Open,

    /// <summary>It can still receive: sending has been shut down.</summary>
    ReadOnly,

    /// <summary>It can still send: the peer has ended its side, or receiving has been shut down.</summary>
    WriteOnly,

    /// <summary>Neither, or the socket is closed.</summary>
    Closed,
}
