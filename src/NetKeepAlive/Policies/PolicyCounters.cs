using System;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using NetKeepAlive.Interop.Bpf;

namespace NetKeepAlive.Policies;

/// <summary>What a policy's program counts: the value of an array map of one, which it alone writes.</summary>
/// <param name="Connections">The connections that got all that is named.</param>
/// <param name="Failures">Those of which the kernel refused something.</param>
internal readonly record struct PolicyCounters(long Connections, long Failures)
{
    internal const int Size = 16;
    internal const int ConnectionsOffset = 0;
    internal const int FailuresOffset = 8;

    /// <summary>Reads the counters as they are now.</summary>
    internal static PolicyCounters Read(SafeFileHandle map)
    {
        Span<byte> value = stackalloc byte[Size];
        BpfMap.TryRead(map, PolicyMaps.OnlyKey, value);
        return new PolicyCounters(
            MemoryMarshal.Read<long>(value[ConnectionsOffset..]), MemoryMarshal.Read<long>(value[FailuresOffset..]));
    }
}
