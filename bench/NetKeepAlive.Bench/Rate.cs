using System;
using System.Diagnostics;

namespace NetKeepAlive.Bench;

/// <summary>How often a second something is done, once the runtime has compiled it to its best.</summary>
internal static class Rate
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(0.5);

    /// <summary>Repeats a batch; the answer is in items per second.</summary>
    /// <param name="size">How many items a batch does.</param>
    /// <param name="batch">Does so many.</param>
    internal static double Of(int size, Action batch)
    {
        Repeat(WarmUp, batch);
        (int batches, TimeSpan took) = Repeat(Measured, batch);
        return size * batches / took.TotalSeconds;
    }

    private static (int Batches, TimeSpan Took) Repeat(TimeSpan atLeast, Action batch)
    {
        long start = Stopwatch.GetTimestamp();
        for (int batches = 1; ; batches++)
        {
            batch();
            TimeSpan took = Stopwatch.GetElapsedTime(start);
            if (took >= atLeast)
            {
                return (batches, took);
            }
        }
    }
}
