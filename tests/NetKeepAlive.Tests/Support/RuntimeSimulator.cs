using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading.Tasks;
using Xunit;

namespace NetKeepAlive.Tests;

/// <summary>
/// macOS's rules for what .NET calls by itself, on Linux (tests/simulator/darwin-runtime.c): they take a process of
/// their own, that is started with the library before libc.
/// </summary>
internal static class RuntimeSimulator
{
    internal const string Library = "darwin-runtime";
    private const string Preload = "LD_PRELOAD";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    /// <summary>Is this such a process?</summary>
    internal static bool IsOn =>
        Environment.GetEnvironmentVariable(Preload)?.Contains($"lib{Library}.", StringComparison.Ordinal) is true;

    /// <summary>Runs the tests of some classes in such a process, on the simulator as well.</summary>
    /// <returns>What the run put out.</returns>
    internal static async Task<string> RunAsync(params Type[] classes)
    {
        Assert.SkipUnless(
            RuntimeInformation.RuntimeIdentifier.StartsWith("linux-", StringComparison.Ordinal)
                && !RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal),
            "made for glibc");
        string library = DarwinSimulator.Build(Library);
        try
        {
            ProcessStartInfo start = new(
                Path.Combine(AppContext.BaseDirectory, typeof(RuntimeSimulator).Assembly.GetName().Name!),
                ["-noLogo", "-noColor", .. classes.SelectMany(static it => new[] { "-class", it.FullName! })])
            {
                RedirectStandardOutput = true,
            };
            start.Environment[Preload] = library;
            start.Environment[DarwinSimulator.Switch] = "1";
            using Process tests = Process.Start(start)!;
            try
            {
                return await tests.StandardOutput.ReadToEndAsync().WaitAsync(Limit);
            }
            finally
            {
                tests.Kill();
            }
        }
        finally
        {
            File.Delete(library);
        }
    }
}
