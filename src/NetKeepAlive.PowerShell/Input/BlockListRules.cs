using System;
using System.Collections.Generic;
using Rule = NetKeepAlive.SocketBlockList.Rule;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>Reading what a user wrote for rules: one that is none is an error of its own, the others count.</summary>
internal static class BlockListRules
{
    internal static List<Rule> Read<T>(
        string parameter, IEnumerable<T> written, Func<T, Rule> read, Func<object?, Action, bool> attempt)
    {
        List<Rule> rules = [];
        foreach (T text in written)
        {
            attempt(text, () => rules.Add(ParameterInput.Read(parameter, () => text is null
                ? throw new ArgumentException("null is no rule. Is the variable set?")
                : read(text))));
        }

        return rules;
    }
}
