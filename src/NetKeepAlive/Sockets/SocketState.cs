namespace NetKeepAlive;

/// <summary>Which directions of a socket are open. The numbers are apart from those of other enumerations: PowerShell turns
/// one into another by its number.</summary>
public enum SocketState
{
    /// <summary>Both.</summary>
    Open = 1000,

    /// <summary>It can still receive: sending has been shut down.</summary>
    ReadOnly,

    /// <summary>It can still send: the peer has ended its side, or receiving has been shut down.</summary>
    WriteOnly,

    /// <summary>Neither, or the socket is closed.</summary>
    Closed,
}
