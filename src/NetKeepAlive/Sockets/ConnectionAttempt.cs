using System;
using System.Net;
using System.Net.Sockets;

namespace NetKeepAlive;

/// <summary>What became of an attempt to connect.</summary>
public enum ConnectionOutcome
{
    /// <summary>This is the connection.</summary>
    Connected = 1000,

    /// <summary>It was refused, or there was no way: <see cref="ConnectionAttempt.Error"/> says why.</summary>
    Failed,

    /// <summary>No answer within its time, so that the next address was tried beside it; another one won.</summary>
    TimedOut,

    /// <summary>Given up within its time, because another address answered or the whole was cancelled.</summary>
    Cancelled,

    /// <summary>Not tried: the address is on the block list.</summary>
    Blocked,
}

/// <summary>One address that was tried, and what came of it.</summary>
/// <param name="Address">The address.</param>
/// <param name="Port">The port.</param>
/// <param name="AddressFamily">The address's family.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Error">The errno's name, or <c>Timeout</c>; null where there was none.</param>
/// <param name="Message">The error in words; null where there was none.</param>
/// <param name="StartTime">When it began, from the beginning of the whole; zero for the first.</param>
/// <param name="Elapsed">How long it took.</param>
public sealed record ConnectionAttempt(
    IPAddress Address,
    int Port,
    AddressFamily AddressFamily,
    ConnectionOutcome Outcome,
    string? Error,
    string? Message,
    TimeSpan StartTime,
    TimeSpan Elapsed)
{
    /// <summary>The attempt in a line: <c>[::1]:5432 Failed after 3 ms: Connection refused
    /// (ECONNREFUSED)</c>.</summary>
    public override string ToString()
    {
        string outcome = Outcome is ConnectionOutcome.TimedOut ? "timed out" : $"{Outcome}".ToLowerInvariant();
        string text = FormattableString.Invariant(
            $"{new IPEndPoint(Address, Port)} {outcome} after {Elapsed.TotalMilliseconds:0} ms");
        return Message is null ? text : $"{text}: {Message}";
    }
}
