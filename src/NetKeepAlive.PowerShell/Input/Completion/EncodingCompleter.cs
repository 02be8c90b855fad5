using System.Collections.Generic;
using System.Linq;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>Completes the names of encodings.</summary>
public sealed class EncodingCompleter : ListCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Word, string Tip)> Words =>
        EncodingTransformAttribute.Names.Select(static it => (it, string.Empty));
}
