using System;
using System.Management.Automation;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>A name, or by PowerShell's wildcards many. A name is first of all itself: it may have brackets in it, also
/// such as are no wildcard.</summary>
internal sealed class NamePattern
{
    private readonly StringComparison _comparison;
    private readonly WildcardPattern? _wildcard;

    /// <summary>Reads it.</summary>
    /// <param name="name">The name or pattern.</param>
    /// <param name="ignoreCase">Are upper and lower case the same?</param>
    internal NamePattern(string name, bool ignoreCase = true)
    {
        Name = name;
        _comparison = ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        _wildcard = ReadWildcard(name, ignoreCase ? WildcardOptions.IgnoreCase : WildcardOptions.None);
    }

    /// <summary>It as it was given.</summary>
    internal string Name { get; }

    /// <summary>Can it match many names? If not, one that is not there is worth an error.</summary>
    internal bool IsWildcard => _wildcard is not null && WildcardPattern.ContainsWildcardCharacters(Name);

    /// <summary>Is this name meant?</summary>
    internal bool Matches(string name) => name.Equals(Name, _comparison) || _wildcard?.IsMatch(name) is true;

    // It is taken apart when it is first used: here, and not for each name.
    private static WildcardPattern? ReadWildcard(string pattern, WildcardOptions options)
    {
        WildcardPattern wildcard = WildcardPattern.Get(pattern, options);
        try
        {
            _ = wildcard.IsMatch(string.Empty);
            return wildcard;
        }
        catch (WildcardPatternException)
        {
            return null;
        }
    }
}
