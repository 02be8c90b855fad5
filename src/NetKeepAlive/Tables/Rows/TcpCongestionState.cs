namespace NetKeepAlive;

/// <summary>What congestion control is doing: <c>enum tcp_ca_state</c> of Linux's <c>linux/tcp.h</c>.</summary>
public enum TcpCongestionState
{
    /// <summary>Nothing is amiss.</summary>
    Open = 1000,

    /// <summary>Segments arrive out of order or twice.</summary>
    Disorder = 1001,

    /// <summary>The window was reduced: congestion was notified.</summary>
    WindowReduced = 1002,

    /// <summary>Lost segments are sent again.</summary>
    Recovery = 1003,

    /// <summary>A retransmission timeout: the peer or the path is silent.</summary>
    Loss = 1004,
}
