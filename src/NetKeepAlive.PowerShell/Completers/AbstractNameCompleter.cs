using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace NetKeepAlive.PowerShell.Completers;

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
                    .Select(static it => it.LastIndexOf(" @", StringComparison.Ordinal) is > 0 and int at ? it[(at + 2)..] : string.Empty)
                    .Where(static it => it.Length > 0)
                    .Distinct()
                    .Select(static it => (it, string.Empty))
                    .ToArray();
            }
            catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
            {
                return [];
            }
        }
    }
}
