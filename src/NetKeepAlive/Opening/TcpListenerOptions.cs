namespace NetKeepAlive;

/// <summary>How a TCP listener listens.</summary>
public sealed record TcpListenerOptions
{
    /// <summary>How many connections may wait to be accepted, 0 or more (listen(2)); the kernel caps it at
    /// <c>net.core.somaxconn</c>.</summary>
    public int Backlog { get; init; } = UnixSockets.DefaultBacklog;

    /// <summary>Take no IPv4 connections on an IPv6 address.</summary>
    public bool IPv6Only { get; init; }

    /// <summary>How many accepted connections may be open at a time; 0 is no limit.</summary>
    public int MaxConnection { get; init; }

    /// <summary>What is done for the connections.</summary>
    public AcceptedSocketSettings Accepted { get; init; } = AcceptedSocketSettings.None;
}
