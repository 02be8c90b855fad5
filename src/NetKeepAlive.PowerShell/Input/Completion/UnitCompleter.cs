using System.Collections.Generic;
using System.Linq;
using NetKeepAlive.Policies;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>Completes the units of systemd that have a control group now.</summary>
public sealed class UnitCompleter : ListCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Word, string Tip)> Words =>
        ControlGroupTree.Find() is { } tree ? SystemdUnit.Names(tree).Select(static it => (it, string.Empty)) : [];
}
