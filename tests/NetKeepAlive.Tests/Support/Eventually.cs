using System;
using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace NetKeepAlive.Tests;

/// <summary>Waits for what is meant, not for a time that may be too short on another machine.</summary>
internal static class Eventually
{
    /// <summary>Comes back once the condition is true; fails after 30 s.</summary>
    internal static void Is(Func<bool> condition, string what) =>
        Assert.True(SpinWait.SpinUntil(condition, TcpPair.Limit), $"Waited {TcpPair.Limit.TotalSeconds} s for {what}.");

    /// <summary>Makes what needs a port that was just left, once it is free: a process that is just being started may hold a
    /// copy of the socket that had it.</summary>
    internal static T OnceFree<T>(Func<T> make)
    {
        T? made = default;
        Is(
            () =>
            {
                try
                {
                    made = make();
                    return true;
                }
                catch (NativeSocketException taken) when (taken.Errno == "EADDRINUSE")
                {
                    return false;
                }
            },
            "the port to be free");
        return made!;
    }

    /// <summary>Starts what waits, on a thread of its own, and comes back once the kernel has put that thread to sleep
    /// in a wait for a descriptor.</summary>
    internal static Task Waits(Action action)
    {
        Need.Linux();
        int thread = 0;
        Task task = Task.Factory.StartNew(
            () =>
            {
                Volatile.Write(ref thread, gettid());
                action();
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Is(() => task.IsCompleted || Polls(Volatile.Read(ref thread)), "a thread to wait");
        return task;
    }

    // The function of the kernel in which a thread sleeps: do_poll, poll_schedule_timeout and such.
    private static bool Polls(int thread)
    {
        string file = string.Create(CultureInfo.InvariantCulture, $"/proc/self/task/{thread}/wchan");
        return thread != 0 && File.Exists(file) && File.ReadAllText(file).Contains("poll", StringComparison.Ordinal);
    }

    [DllImport("libc")]
    private static extern int gettid();
}
