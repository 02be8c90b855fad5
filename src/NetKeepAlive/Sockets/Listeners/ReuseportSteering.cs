namespace NetKeepAlive;

/// <summary>How the kernel spreads connections over the listeners of a reuseport group.</summary>
public enum ReuseportSteering
{
    /// <summary>By a hash of both addresses and ports.</summary>
    None,

    /// <summary>To the listener whose number in the group is that of the CPU which took the packet; where there is no
    /// such listener, by the hash. Linux.</summary>
    Cpu,
}
