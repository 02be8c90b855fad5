namespace NetKeepAlive;

/// <summary>Which timer of a TCP connection is running: <c>idiag_timer</c> of Linux's
/// <c>linux/inet_diag.h</c>.</summary>
public enum TcpTimer
{
    /// <summary>None: nothing is waited for, and keep-alive is off.</summary>
    None = 0,

    /// <summary>Sent data is sent again unless it is acknowledged.</summary>
    Retransmit = 1,

    /// <summary>The next keep-alive probe; also what a half-closed connection in FinWait2 waits for.</summary>
    KeepAlive = 2,

    /// <summary>The end of TimeWait.</summary>
    TimeWait = 3,

    /// <summary>The next probe of a peer whose receive window is closed.</summary>
    ZeroWindow = 4,
}
