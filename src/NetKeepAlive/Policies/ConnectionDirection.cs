namespace NetKeepAlive;

/// <summary>Which side began a connection. The numbers begin at 1200, so that no other enumeration takes them for its
/// own.</summary>
public enum ConnectionDirection
{
    /// <summary>The peer: it was accepted.</summary>
    Inbound = 1200,

    /// <summary>This side: it was made by connecting.</summary>
    Outbound,

    /// <summary>Either.</summary>
    Both,
}
