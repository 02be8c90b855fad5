using System.Collections.Generic;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>Completes the usual modes of a socket's file.</summary>
public sealed class FileModeCompleter : ListCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Word, string Tip)> Words =>
    [
        ("0600", "the owner only"),
        ("0660", "the owner and the group"),
        ("0666", "everybody"),
    ];
}
