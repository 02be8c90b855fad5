using System.Collections.Generic;
using System.Linq;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>Completes -DetectWithin, which begins at four seconds.</summary>
public sealed class AimCompleter : DurationCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Word, string Tip)> Words => base.Words.Skip(1);
}
