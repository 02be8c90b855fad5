using System.Management.Automation;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>PowerShell hands objects on in a wrapping of its own.</summary>
internal static class Wrapping
{
    /// <summary>The object itself.</summary>
    internal static object? Unwrap(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}
