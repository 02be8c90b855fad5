using System.Collections.Generic;
using System.Linq;
using NetKeepAlive.Options;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>Completes the names of socket options.</summary>
public sealed class SocketOptionNameCompleter : ListCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Word, string Tip)> Words => SocketOptions.All
        .Where(static it => it.Number is not null)
        .Select(static it => (it.Name, $"{it.Constant}, {it.ClrType.Name}, {it.Access}"));
}
