using System;
using System.Collections.Generic;
using System.Linq;
using NetKeepAlive.Policies;
using NetKeepAlive.PowerShell.Errors;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>Completes the names of the keep-alive policies that are in force.</summary>
public sealed class PolicyNameCompleter : ListCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Word, string Tip)> Words
    {
        get
        {
            try
            {
                return PolicyStore.List().Select(static it => (it.PolicyName, it.ToString()));
            }
            catch (Exception error) when (ErrorRecords.IsExpected(error))
            {
                // Whoever may not list them types them.
                return [];
            }
        }
    }
}
