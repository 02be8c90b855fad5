namespace NetKeepAlive;

/// <summary>The state of a TCP socket (RFC 9293), by the names of Windows' Get-NetTCPConnection. The numbers are those
/// of .NET's TcpState and a thousand, for PowerShell turns one enumeration into another by its number: a state is no
/// state of a job.</summary>
public enum TcpConnectionState
{
    /// <summary>A state that this module does not know.</summary>
    Unknown = 1000,

    /// <summary>Not connected: a socket that was bound and nothing more.</summary>
    Closed = 1001,

    /// <summary>Waits for connections.</summary>
    Listen = 1002,

    /// <summary>Has asked for a connection.</summary>
    SynSent = 1003,

    /// <summary>Was asked for a connection and waits for the acknowledgement.</summary>
    SynReceived = 1004,

    /// <summary>Connected.</summary>
    Established = 1005,

    /// <summary>Has shut down sending; the peer has not acknowledged that.</summary>
    FinWait1 = 1006,

    /// <summary>Has shut down sending; the peer still may send.</summary>
    FinWait2 = 1007,

    /// <summary>The peer has shut down sending; this side has not.</summary>
    CloseWait = 1008,

    /// <summary>Both sides have shut down at the same time.</summary>
    Closing = 1009,

    /// <summary>Both sides have shut down; the last acknowledgement is awaited.</summary>
    LastAck = 1010,

    /// <summary>Closed, and kept for late segments.</summary>
    TimeWait = 1011,
}
