using System;
using System.Collections.Generic;
using System.Linq;

namespace NetKeepAlive.Tables;

/// <summary>Whose sockets are wanted.</summary>
internal sealed record ProcessFilter
{
    /// <summary>The processes; empty for all.</summary>
    internal IReadOnlyList<int> Ids { get; init; } = [];

    /// <summary>Which names are wanted; null for all.</summary>
    internal Func<string, bool>? Name { get; init; }

    /// <summary>Is a row's owner one that is wanted?</summary>
    internal bool Matches(SocketRow row) =>
        (Ids.Count == 0 || (row.OwningProcess is { } process && Ids.Contains(process)))
        && (Name is not { } wanted || (row.OwningProcessName is { } name && wanted(name)));

    /// <summary>The processes that are meant now; null for all.</summary>
    internal IReadOnlyList<int>? Resolve()
    {
        if (Name is not { } wanted)
        {
            return Ids.Count == 0 ? null : Ids;
        }

        ProcessNames names = new();
        return (Ids.Count == 0 ? ProcessSockets.Processes() : Ids)
            .Where(process => names.Of(process) is { } name && wanted(name))
            .ToList();
    }
}
