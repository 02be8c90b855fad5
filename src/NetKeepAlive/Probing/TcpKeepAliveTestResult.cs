using System;
using System.Globalization;

namespace NetKeepAlive;

/// <summary>What a keep-alive test found out about one connection.</summary>
public sealed record TcpKeepAliveTestResult
{
    /// <summary>Was the peer shown to be alive? True: it answered. False: it answered nothing, or with a reset. Null:
    /// nothing was shown, because the time was up before or because the connection ended for another reason.</summary>
    public required bool? Alive { get; init; }

    /// <summary>Does the path carry keep-alive probes and their answers? False where something else got through and
    /// they did not; null where nothing shows it.</summary>
    public bool? PathCarriesKeepAlive { get; init; }

    /// <summary>Probes that the kernel sent while the test ran.</summary>
    public required int ProbesSent { get; init; }

    /// <summary>Probes that were not answered.</summary>
    public required int ProbesUnanswered { get; init; }

    /// <summary>Time from the start of the test until it was decided.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Time after which the kernel gives up a peer that answers nothing, with these settings, from the start
    /// of the test.</summary>
    public required TimeSpan Expected { get; init; }

    /// <summary>What was seen, a sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>What was tested: what was given, or the addresses of a connection of the test's own.</summary>
    public object? Connection { get; init; }

    /// <summary>Why nothing was shown, as an error; null where something was.</summary>
    internal Exception? Undecided { get; init; }

    /// <summary>Did data that was sent, or could not be sent, keep the probes back in the end?</summary>
    internal bool DataWaits { get; init; }

    /// <summary>The verdict in a line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Verdict} after {Elapsed.TotalSeconds:0.##} s: {Reason}");

    private string Verdict => Alive switch
    {
        true => "alive",
        false => "not alive",
        null => "undecided",
    };
}
