using System;

namespace NetKeepAlive;

/// <summary>The time was over before all was sent. What had been sent by then is on its way and cannot be taken
/// back.</summary>
public sealed class SendTimeoutException : TimeoutException
{
    internal SendTimeoutException(string message, long bytesSent, long length)
        : base(message)
    {
        BytesSent = bytesSent;
        Length = length;
    }

    /// <summary>How many bytes were sent.</summary>
    public long BytesSent { get; }

    /// <summary>How many bytes were to be sent.</summary>
    public long Length { get; }
}
