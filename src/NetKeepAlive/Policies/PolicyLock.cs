using System;
using System.IO;
using System.Threading;
using NetKeepAlive.Interop;

namespace NetKeepAlive.Policies;

/// <summary>
/// Keeps two processes from giving the same name, or from changing the same policy, at once. The lock (flock(2)) is on a
/// file of the kernel's that is there anyway and that only root can open, a setting of proc_sys_kernel(5) that is neither
/// read nor written: nothing is made that would have to be removed, and no other user can hold it.
/// </summary>
internal static class PolicyLock
{
    private const string LockedFile = "/proc/sys/kernel/cad_pid";

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
            catch (IOException held) when (held.HResult == Errno.EAGAIN.Value)
            {
                if (Environment.TickCount64 - begun > Longest.TotalMilliseconds)
                {
                    throw new TimeoutException(
                        $"Another process has been making or changing policies for {Longest.TotalSeconds:0} s.");
                }

                token.WaitHandle.WaitOne(millisecondsTimeout: 5);
                token.ThrowIfCancellationRequested();
            }
            catch (Exception hidden) when (hidden is UnauthorizedAccessException or IOException)
            {
                return null;
            }
        }
    }
}
