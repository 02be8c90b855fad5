using System;
using System.Linq;

namespace NetKeepAlive.Events;

/// <summary>Keeps handlers that would end the process away from the events of this module, which are raised on threads
/// of the pool.</summary>
internal static class EventGuard
{
    // What a compiled expression keeps its constants in; PowerShell's delegates are such expressions.
    private const string ClosureType = "System.Runtime.CompilerServices.Closure";
    private const string ScriptBlockType = "System.Management.Automation.ScriptBlock";

    /// <summary>Refuses a delegate that PowerShell made of a script block: on a thread without a runspace it would
    /// throw where nobody can catch (PowerShell issue 24415).</summary>
    /// <exception cref="InvalidOperationException">It is one.</exception>
    internal static void Check(Delegate? handler)
    {
        if (handler?.Target is { } target && target.GetType().FullName == ClosureType
            && target.GetType().GetField("Constants")?.GetValue(target) is object?[] constants
            && constants.Any(static it => it?.GetType().FullName == ScriptBlockType))
        {
            throw new InvalidOperationException(
                "A script block cannot handle this event directly: it is raised on a thread without a runspace. "
                + "Use Register-ObjectEvent -InputObject $socket -EventName <name> -Action { }.");
        }
    }
}
