using System.Collections.Generic;
using NetKeepAlive.Addresses;

namespace NetKeepAlive;

/// <content>How it was connected.</content>
public sealed partial class StreamSocket
{
    /// <summary>Every address that was tried for this connection, the last or the fastest of which answered; empty for
    /// one that was not made by name.</summary>
    public IReadOnlyList<ConnectionAttempt> ConnectionAttempts { get; internal set; } = TextList<ConnectionAttempt>.None;

    /// <summary>The name that was connected to, which a server's certificate must have; null for one that was
    /// accepted.</summary>
    public string? HostName { get; internal set; }
}
