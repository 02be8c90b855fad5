using System;

namespace NetKeepAlive;

/// <summary>A connection was asked for and no port named.</summary>
public sealed class PortMissingException : ArgumentException
{
    internal PortMissingException(string message)
        : base(message)
    {
    }
}
