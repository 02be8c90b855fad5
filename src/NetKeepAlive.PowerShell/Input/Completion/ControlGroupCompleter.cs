using System.Collections.Generic;
using System.Linq;
using NetKeepAlive.Policies;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>Completes the control groups of cgroup2, by their paths below its root.</summary>
public sealed class ControlGroupCompleter : ListCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Word, string Tip)> Words =>
        ControlGroupTree.Find() is { } tree ? tree.All().Select(static it => (it.Path, it.Folder)).Order() : [];
}
