using System;
using System.Threading.Tasks;
using NetKeepAlive.Tests.Descriptors;
using NetKeepAlive.Tests.Opening;
using NetKeepAlive.Tests.Sockets;
using Xunit;

namespace NetKeepAlive.Tests.Darwin;

/// <summary>The tests of what goes through .NET's own sockets, in a process where these keep macOS's rules,
/// too.</summary>
public sealed class RuntimeSimulatorTests
{
    [Fact]
    public async Task What_NET_calls_by_itself_may_keep_the_rules_of_macOS_too()
    {
        Need.Simulator();
        Assert.SkipWhen(RuntimeSimulator.IsOn, "is the process that is started");
        string output = await RuntimeSimulator.RunAsync(
            typeof(RuntimeRulesTests), typeof(DarwinRulesTests), typeof(ConnectionEndTests), typeof(StreamTests),
            typeof(SocketCloserTests), typeof(SharedDescriptorTests), typeof(TcpConnectorTests),
            typeof(TcpListenersTests));
        TestContext.Current.TestOutputHelper?.WriteLine(output);
        Assert.Matches("Total: [0-9]{3}, Errors: 0, Failed: 0,", output);
        Assert.DoesNotContain($"{nameof(RuntimeRulesTests)}.", output, StringComparison.Ordinal);
    }
}
