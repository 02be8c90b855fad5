using System;
using System.Collections.Generic;
using System.Linq;

namespace NetKeepAlive.Tables;

/// <summary>Which Unix sockets are wanted: one of each list that is not empty.</summary>
internal sealed record UnixSocketFilter
{
    /// <summary>What the path, or <c>@</c> and the abstract name, must be like; empty for all.</summary>
    internal IReadOnlyList<Func<string, bool>> Name { get; init; } = [];

    /// <summary>The inodes; empty for all.</summary>
    internal IReadOnlyList<long> Inode { get; init; } = [];

    internal IReadOnlyList<UnixSocketType> SocketType { get; init; } = [];
    internal IReadOnlyList<UnixSocketState> State { get; init; } = [];

    /// <summary>Whose.</summary>
    internal ProcessFilter Processes { get; init; } = new();

    /// <summary>Where to look; empty for the own network namespace, or that of each process that is named.</summary>
    internal IReadOnlyList<NetNamespace?> Networks { get; init; } = [];

    /// <summary>Is this row wanted?</summary>
    internal bool Matches(UnixSocketInfo row) =>
        (Name.Count == 0 || (row.Name is { } name && Name.Any(it => it(name))))
        && (Inode.Count == 0 || Inode.Contains(row.Inode))
        && (SocketType.Count == 0 || SocketType.Contains(row.SocketType))
        && (State.Count == 0 || State.Contains(row.State));
}
