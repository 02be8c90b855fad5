using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NetKeepAlive.Descriptors;

/// <summary>
/// Which of this process's handles name a socket that another process holds too: they were received, sent, imported or
/// inherited. shutdown(2), SO_LINGER and the like act on the socket and so on all its holders: closing one of these may
/// do nothing but let go of it.
/// </summary>
internal static class SharedSockets
{
    private static readonly ConditionalWeakTable<SafeHandle, object> Known = [];
    private static readonly object Yes = new();

    /// <summary>Remembers that somebody else has it too.</summary>
    internal static void Mark(SafeHandle handle) => Known.AddOrUpdate(handle, Yes);

    /// <summary>Has somebody else got it too?</summary>
    internal static bool Contains(SafeHandle handle) => Known.TryGetValue(handle, out _);
}
