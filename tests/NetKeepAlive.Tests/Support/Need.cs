using Xunit;

namespace NetKeepAlive.Tests;

/// <summary>Skips a test, with its reason, where what it needs is missing.</summary>
internal static class Need
{
    internal static void Linux() => Assert.SkipUnless(System.OperatingSystem.IsLinux(), "Linux only");
}
