using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using NetKeepAlive.Interop;
using Xunit;

namespace NetKeepAlive.Tests.Interop;

public sealed class TransitionTests
{
    // What takes a socket's lock waits for whoever else has it, and a thread that waits without the transition holds up
    // the collector, and so every other thread.
    [Fact]
    public void No_call_that_can_wait_leaves_the_runtime_s_transition_out()
    {
        string[] without = typeof(Libc).Assembly.GetTypes()
            .SelectMany(static type => type.GetMethods(
                BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly))
            .Where(static method => method.IsDefined(typeof(SuppressGCTransitionAttribute)))
            .Select(static method => method.Name)
            .ToArray();
        Assert.DoesNotContain(without, static name => name.Contains("sockopt", System.StringComparison.Ordinal));
        Assert.Empty(without);
    }
}
