using System.Collections.Generic;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>Completes durations: some usual ones, to show how they are written.</summary>
public class DurationCompleter : ListCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Word, string Tip)> Words =>
    [
        ("1s", "1 second"),
        ("5s", "5 seconds"),
        ("10s", "10 seconds"),
        ("30s", "30 seconds"),
        ("60s", "60 seconds"),
        ("2m", "2 minutes"),
        ("5m", "5 minutes"),
        ("1h", "1 hour"),
    ];
}
