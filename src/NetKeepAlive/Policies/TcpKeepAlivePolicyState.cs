namespace NetKeepAlive;

/// <summary>What has become of a keep-alive policy. The numbers begin at 1100, so that no other enumeration takes them
/// for its own.</summary>
public enum TcpKeepAlivePolicyState
{
    /// <summary>It is in force.</summary>
    Active = 1100,

    /// <summary>Its control group has been removed, and its effect with it: a group of the same name that is made anew has
    /// no policy.</summary>
    GroupRemoved,

    /// <summary>It has been removed, or has ended with the process that made it.</summary>
    Removed,
}
