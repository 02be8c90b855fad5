using System;
using System.Collections.Generic;
using System.Linq;
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

        NamePattern[] patterns = Array.ConvertAll(names, static name => new NamePattern(name));
        foreach (NamePattern pattern in patterns)
        {
            if (!pattern.IsWildcard && !all.Any(it => pattern.Matches(it.PolicyName)))
            {
                report(pattern.Name, PolicyErrors.NoSuchPolicy(pattern.Name));
            }
        }

        return all.Where(it => Array.Exists(patterns, pattern => pattern.Matches(it.PolicyName)));
    }
}
