using System;

namespace NetKeepAlive.PowerShell.Servers;

/// <summary>How a server serves.</summary>
/// <param name="ThrottleLimit">How many connections are served at a time.</param>
/// <param name="IdleTimeout">After how much silence a connection is closed; null is never.</param>
/// <param name="IsIsolated">Does each connection get a new runspace?</param>
internal sealed record ServerLimits(int ThrottleLimit, TimeSpan? IdleTimeout, bool IsIsolated);
