using NetKeepAlive.Interop;
using Xunit;

namespace NetKeepAlive.Tests;

/// <summary>Skips a test, with its reason, where what it needs is missing.</summary>
internal static class Need
{
    internal static void Linux() => Assert.SkipUnless(CurrentPlatform.Value is Platform.Linux, "Linux only");

    internal static void Darwin() => Assert.SkipUnless(
        CurrentPlatform.Value is Platform.Darwin, $"macOS only, or its simulator ({DarwinSimulator.Switch}=1)");

    /// <summary>This platform's own headers, which a simulated one has not.</summary>
    internal static void Headers() => Assert.SkipWhen(DarwinSimulator.IsOn, "the headers here are not the simulator's");

    internal static void Simulator() => Assert.SkipUnless(
        DarwinSimulator.IsOn, $"macOS only, on its simulator ({DarwinSimulator.Switch}=1)");

    /// <summary>A process in which .NET's own calls keep macOS's rules, too.</summary>
    internal static void RuntimeRules() => Assert.SkipUnless(
        RuntimeSimulator.IsOn, $"macOS only, with {RuntimeSimulator.Library}.c in LD_PRELOAD: a run on the simulator starts it");

    internal static void Seqpacket() => Assert.SkipUnless(
        CurrentPlatform.Value is Platform.Linux, "Linux only: macOS has no seqpacket sockets");
}
