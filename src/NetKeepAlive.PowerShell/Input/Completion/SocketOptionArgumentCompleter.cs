using System;
using System.Collections;
using System.Collections.Generic;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>Completes what follows the first argument of Get- and Set-SocketOption: the option where a socket came first,
/// then a value of that option.</summary>
public sealed class SocketOptionArgumentCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst,
        IDictionary fakeBoundParameters)
    {
        ArgumentNullException.ThrowIfNull(fakeBoundParameters);
        object? first = Wrapping.Unwrap(fakeBoundParameters["Name"]);
        object? second = parameterName == "InputObject" ? Wrapping.Unwrap(fakeBoundParameters["Value"]) : null;
        IArgumentCompleter? words = (first as string ?? second as string) is { } name
            ? ValuesOf(SocketOptionInput.TypeOf(name))
            : first is null ? null : new SocketOptionNameCompleter();
        return words?.CompleteArgument(commandName, parameterName, wordToComplete, commandAst, fakeBoundParameters) ?? [];
    }

    private static IArgumentCompleter? ValuesOf(Type? type) =>
        type == typeof(bool) ? new OnOffCompleter()
        : type == typeof(TimeSpan) || type == typeof(TimeSpan?) ? new DurationCompleter()
        : null;

    private sealed class OnOffCompleter : ListCompleter
    {
        protected override IEnumerable<(string Word, string Tip)> Words => [("on", "$true"), ("off", "$false")];
    }
}
