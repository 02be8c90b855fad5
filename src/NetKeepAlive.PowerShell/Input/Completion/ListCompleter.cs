using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using NetKeepAlive.Interop;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>Completes from a list of words.</summary>
public abstract class ListCompleter : IArgumentCompleter
{
    /// <summary>The words, each with what the completion menu says of it.</summary>
    protected abstract IEnumerable<(string Word, string Tip)> Words { get; }

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst,
        IDictionary fakeBoundParameters)
    {
        string begun = (wordToComplete ?? string.Empty).Trim('\'', '"');
        return Words
            .Where(it => Fits(it.Word, it.Tip, begun))
            .Select(static it => new CompletionResult(
                Quote(it.Word), VisibleText.Escape(it.Word), CompletionResultType.ParameterValue,
                VisibleText.Escape(it.Tip.Length > 0 ? it.Tip : it.Word)));
    }

    /// <summary>Does a word fit what was begun?</summary>
    protected virtual bool Fits(string word, string tip, string begun) =>
        word.StartsWith(begun, StringComparison.OrdinalIgnoreCase);

    private static string Quote(string word) =>
        word.All(static it => char.IsLetterOrDigit(it) || it is '-' or '_' or '.' or '/' or ':' or '%')
            ? word
            : $"'{CodeGeneration.EscapeSingleQuotedStringContent(word)}'";
}
