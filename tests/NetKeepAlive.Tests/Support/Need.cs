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
        DarwinSimulator.IsOn, $"needs the simulator of macOS ({DarwinSimulator.Switch}=1)");

    /// <summary>To learn of the end while nobody reads.</summary>
    internal static void PollRdHup() => Assert.SkipUnless(
        CurrentPlatform.Value is Platform.Linux, "macOS's poll(2) tells no end apart from data: no POLLRDHUP");

    internal static void Seqpacket() => Assert.SkipUnless(
        CurrentPlatform.Value is Platform.Linux, "macOS has no seqpacket sockets");
}
