using System;
using System.Globalization;
using System.Threading;

namespace NetKeepAlive.Tests;

/// <summary>How often a test of what goes wrong once in a thousand times is repeated: briefly in the suite; as often as
/// NETKEEPALIVE_ROUNDS says by hand, with a thread that makes the collector run all the time. MALLOC_MMAP_THRESHOLD_=65536 and
/// DOTNET_GCgen0size=40000 beside it make a use after free end the process.</summary>
internal static class Rounds
{
    private static readonly int? Asked = int.TryParse(
        Environment.GetEnvironmentVariable("NETKEEPALIVE_ROUNDS"), CultureInfo.InvariantCulture, out int rounds)
        ? rounds
        : null;

    static Rounds()
    {
        if (Asked is not null)
        {
            new Thread(Collect) { IsBackground = true }.Start();
        }
    }

    /// <summary>So often, or as often as was asked for.</summary>
    internal static int Of(int usual) => Asked ?? usual;

    private static void Collect()
    {
        while (true)
        {
            GC.Collect();
            Thread.Sleep(1);
        }
    }
}
