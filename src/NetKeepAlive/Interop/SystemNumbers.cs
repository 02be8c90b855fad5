using System;

namespace NetKeepAlive.Interop;

/// <summary>The keep-alive that a platform gives to sockets that nobody sets: the names of its three numbers, the unit of
/// the times, and how they are read and written.</summary>
/// <param name="IdleTime">The number of the idle time.</param>
/// <param name="Interval">The number of the interval.</param>
/// <param name="ProbeCount">The number of probes.</param>
/// <param name="TicksPerUnit">The unit of the two times.</param>
/// <param name="Read">Reads a number.</param>
/// <param name="Write">Writes one; throws <see cref="UnauthorizedAccessException"/> without the right to.</param>
internal sealed record SystemNumbers(
    string IdleTime, string Interval, string ProbeCount, long TicksPerUnit,
    Func<string, int> Read, Action<string, int> Write);
