using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using NetKeepAlive.Policies;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>Finds the policies that are meant by name.</summary>
internal static class PolicyTargets
{
    /// <summary>The policies of names and patterns; all where none is given. A name that no policy has is
    /// reported.</summary>
    internal static IEnumerable<TcpKeepAlivePolicy> Find(string[]? names, Action<string, Exception> report)
    {
        IReadOnlyList<TcpKeepAlivePolicy> all = PolicyStore.List();
        if (names is null)
        {
            return all;
        }

        foreach (string name in names.Where(name => !WildcardPattern.ContainsWildcardCharacters(name)
            && !all.Any(it => Matches(it, name))))
        {
            report(name, PolicyErrors.NoSuchPolicy(name));
        }

        return all.Where(it => names.Any(name => Matches(it, name)));
    }

    private static bool Matches(TcpKeepAlivePolicy policy, string name) =>
        WildcardPattern.Get(name, WildcardOptions.IgnoreCase).IsMatch(policy.PolicyName);
}
