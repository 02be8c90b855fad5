using System;
using System.Threading;
using System.Threading.Tasks;

namespace NetKeepAlive.Waiting;

/// <summary>After a failure such as too many open files the connection still waits: whoever accepts does not ask again
/// at once.</summary>
internal static class FailurePause
{
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(1);

    /// <summary>Lets a second pass, and never fails.</summary>
    internal static async Task WaitAsync()
    {
        try
        {
            await Task.Delay(Length, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The first timer of a process loads code and starts a thread, which may fail for the same reason.
            Thread.Sleep(Length);
        }
    }
}
