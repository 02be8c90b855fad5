using System;
using System.Diagnostics.CodeAnalysis;

namespace NetKeepAlive.Interop.Netlink;

/// <summary>A row of an answer of sock_diag(7).</summary>
internal interface IDiagRecord<TSelf>
    where TSelf : IDiagRecord<TSelf>
{
    /// <summary>Reads a message's payload.</summary>
    /// <returns>False where it is not what the kernel sends.</returns>
    static abstract bool TryRead(ReadOnlySpan<byte> payload, [MaybeNullWhen(false)] out TSelf record);
}
