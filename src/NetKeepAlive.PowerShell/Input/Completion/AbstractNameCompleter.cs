using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>Completes the names that are bound in Linux's abstract namespace now.</summary>
public sealed class AbstractNameCompleter : ListCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Word, string Tip)> Words
    {
        get
        {
            try
            {
                // The last field of a row is the path; an abstract name begins with @.
                return File.ReadLines("/proc/net/unix")
                    .Select(static it => (Row: it, At: it.LastIndexOf(" @", StringComparison.Ordinal)))
                    .Where(static it => it.At > 0)
                    .Select(static it => (it.Row[(it.At + 2)..], string.Empty))
                    .Distinct()
                    .ToArray();
            }
            catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
            {
                return [];
            }
        }
    }
}
