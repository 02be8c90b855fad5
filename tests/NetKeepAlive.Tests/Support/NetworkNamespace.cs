using System;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Threading;
using Xunit;

namespace NetKeepAlive.Tests;

/// <summary>A network of one's own, with a loopback interface and nothing else, for as long as a test runs. It belongs
/// to one thread: the sockets made on it, the programs started from it and the sysctls seen by it are those of this
/// network.</summary>
internal static class NetworkNamespace
{
    private const int CloneNewNet = 0x40000000;

    /// <summary>Runs a test in a network of its own; skips it where none can be made.</summary>
    internal static void Run(Action test)
    {
        Need.Linux();
        ExceptionDispatchInfo? failed = null;
        bool denied = false;
        Thread thread = new(() =>
        {
            try
            {
                denied = unshare(CloneNewNet) != 0;
                if (!denied)
                {
                    Ip("link set lo up");
                    test();
                }
            }
            catch (Exception error)
            {
                failed = ExceptionDispatchInfo.Capture(error);
            }
        });
        thread.Start();
        thread.Join();
        failed?.Throw();
        Assert.SkipWhen(denied, "no right to make a network namespace");
    }

    /// <summary>Runs ip(8) in the network of the calling thread.</summary>
    internal static void Ip(string arguments) => Assert.Equal(0, Run("ip", arguments));

    /// <summary>Runs a program in the network of the calling thread; skips the test where it is not
    /// installed.</summary>
    /// <returns>Its exit code.</returns>
    internal static int Run(string program, string arguments)
    {
        try
        {
            using Process process = Process.Start(program, arguments.Split(' '));
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (Win32Exception)
        {
            Assert.Skip($"no {program} on PATH");
            throw;
        }
    }

    [DllImport("libc")]
    private static extern int unshare(int flags);
}
