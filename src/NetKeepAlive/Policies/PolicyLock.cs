using System;
using System.IO;
using System.Threading;

namespace NetKeepAlive.Policies;

/// <summary>
/// Keeps two processes from giving the same name, or from changing the same policy, at once. The lock (flock(2)) is on a
/// file of the kernel's that is there anyway and that only root can open: nothing is made that would have to be removed,
/// and no other user can hold it.
/// </summary>
internal static class PolicyLock
{
    private const string LockedFile = "/proc/1/ns/ipc";

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>Takes the lock until the answer is disposed; null where this process may not.</summary>
    /// <exception cref="TimeoutException">Another held it for 10 s.</exception>
    internal static IDisposable? Take(CancellationToken token)
    {
        long begun = Environment.TickCount64;
        while (true)
        {
            try
            {
                return File.OpenHandle(LockedFile, share: FileShare.None);
            }
            catch (UnauthorizedAccessException)
            {
                return null;
            }
            catch (IOException) when (Environment.TickCount64 - begun < Longest.TotalMilliseconds)
            {
                token.WaitHandle.WaitOne(millisecondsTimeout: 5);
                token.ThrowIfCancellationRequested();
            }
            catch (IOException)
            {
                throw new TimeoutException(
                    $"Another process has been making or changing policies for {Longest.TotalSeconds:0} s.");
            }
        }
    }
}
