using System;

namespace NetKeepAlive;

/// <summary>A name has no address, or none that may be used.</summary>
public sealed class HostNotFoundException : ArgumentException
{
    internal HostNotFoundException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
