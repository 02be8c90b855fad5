using System;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using NetKeepAlive.Interop;
using NetKeepAlive.Probing;
using NetKeepAlive.Tables;
using NetKeepAlive.Tests.Tables;
using Xunit;

namespace NetKeepAlive.Tests.Probing;

public sealed class KeepAliveTestTests
{
    private static readonly TcpKeepAlive Quick = new()
    {
        IdleTime = TimeSpan.FromSeconds(1),
        Interval = TimeSpan.FromSeconds(1),
        ProbeCount = 2,
    };

    public KeepAliveTestTests() => Assert.SkipUnless(CurrentPlatform.Value is Platform.Linux, "Linux only");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_peer_that_answers_is_alive_and_the_settings_come_back(bool enabled)
    {
        using Connection connection = new();
        new TcpKeepAlive { Enabled = enabled, IdleTime = TimeSpan.FromSeconds(99), ProbeCount = 44 }
            .Apply(connection.Client.SafeHandle);
        TcpKeepAlive before = TcpKeepAlive.Read(connection.Client.SafeHandle);
        TcpKeepAliveTestResult result = Run(connection.Client, null);
        Assert.True(result.Alive, result.Reason);
        Assert.True(result.PathCarriesKeepAlive);
        Assert.Equal(1, result.ProbesSent);
        Assert.Equal(0, result.ProbesUnanswered);
        Assert.Equal(TimeSpan.FromSeconds(3), result.Expected);
        Assert.Same(connection.Client, result.Connection);
        Assert.Equal(before, TcpKeepAlive.Read(connection.Client.SafeHandle));
        // Nothing was sent and nothing taken.
        Assert.Equal(0, connection.Server.Available);
        connection.Server.Send([1, 2]);
        Assert.Equal(2, connection.Client.Receive(new byte[5]));
    }

    [Fact]
    public void A_test_that_is_abandoned_puts_the_settings_back()
    {
        using Connection connection = new();
        TcpKeepAlive before = TcpKeepAlive.Read(connection.Client.SafeHandle);
        KeepAliveTest test = KeepAliveTest.Start(WatchedSocket.Of(connection.Client, new SocketTables()), Quick, null);
        Assert.True(TcpKeepAlive.Read(connection.Client.SafeHandle).Enabled);
        test.Dispose();
        test.Dispose();
        Assert.Equal(before, TcpKeepAlive.Read(connection.Client.SafeHandle));
    }

    [Fact]
    public void A_busy_connection_is_alive_though_no_probe_was_sent()
    {
        using Connection connection = new();
        using CancellationTokenSource stop = new();
        Thread traffic = new(() =>
        {
            while (!stop.Token.WaitHandle.WaitOne(100))
            {
                connection.Client.Send([1]);
            }
        });
        traffic.Start();
        TcpKeepAliveTestResult result;
        try
        {
            // No probe is due, however late the traffic comes.
            TcpKeepAlive late = Quick with { IdleTime = TimeSpan.FromMinutes(5) };
            result = Run(connection.Client, TimeSpan.FromSeconds(10), knobs: late);
        }
        finally
        {
            // What it sends on a connection that is disposed would end the process.
            stop.Cancel();
            traffic.Join();
        }

        Assert.True(result.Alive, result.Reason);
        Assert.Null(result.PathCarriesKeepAlive);
        Assert.Equal(0, result.ProbesSent);
    }

    [Fact]
    public void What_the_time_did_not_show_is_told()
    {
        using Connection connection = new();
        TcpKeepAliveTestResult result = Run(
            connection.Client, TimeSpan.FromMilliseconds(200), knobs: Quick with { IdleTime = TimeSpan.FromSeconds(25) });
        Assert.Null(result.Alive);
        Assert.IsType<TimeoutException>(result.Undecided);
        Assert.Equal(0, result.ProbesSent);
    }

    [Fact]
    public void A_socket_that_is_closed_meanwhile_ends_the_test()
    {
        using Connection connection = new();
        // Long before the first probe, however slow the machine is.
        using Timer close = new(_ => connection.Client.Dispose(), null, 300, Timeout.Infinite);
        TcpKeepAliveTestResult result = Run(connection.Client, null, knobs: Quick with { IdleTime = TimeSpan.FromSeconds(25) });
        Assert.Null(result.Alive);
        Assert.Contains("closed", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_connection_that_is_ended_on_this_side_is_not_taken_for_a_peer_that_resets()
    {
        using Connection connection = new();
        connection.Server.Send([1]);
        Assert.Equal(1, connection.Client.Receive(new byte[1]));
        using Timer end = new(_ => connection.Client.Disconnect(reuseSocket: true), null, 300, Timeout.Infinite);
        TcpKeepAliveTestResult result = Run(connection.Client, null, knobs: Quick with { IdleTime = TimeSpan.FromSeconds(25) });
        Assert.Null(result.Alive);
        Assert.Contains("closed", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_listener_cannot_be_tested()
    {
        using System.Net.Sockets.TcpListener listener = new(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        Assert.Equal("ENOTCONN", Assert.Throws<NativeSocketException>(
            () => KeepAliveTest.Start(WatchedSocket.Of(listener, new SocketTables()), Quick, null)).Errno);
    }

    [Fact]
    public void A_row_of_the_table_can_be_tested()
    {
        using Connection connection = new();
        using SocketTables tables = new();
        TcpConnection row = Listing
            .Tcp(new TcpConnectionFilter { LocalPort = Ports.Of(((System.Net.IPEndPoint)connection.Client.LocalEndPoint!).Port) })
            .Single(row => row.RemotePort == ((System.Net.IPEndPoint)connection.Server.LocalEndPoint!).Port);
        TcpKeepAliveTestResult result = Run(row, null, tables);
        Assert.True(result.Alive, result.Reason);
    }

    private static TcpKeepAliveTestResult Run(
        object holder, TimeSpan? timeout, SocketTables? tables = null, TcpKeepAlive? knobs = null)
    {
        using KeepAliveTest test = KeepAliveTest.Start(WatchedSocket.Of(holder, tables ?? new SocketTables()), knobs ?? Quick, timeout);
        Stopwatch deadline = Stopwatch.StartNew();
        while (deadline.Elapsed < TimeSpan.FromSeconds(30))
        {
            if (test.Poll() is { } result)
            {
                return result;
            }

            Thread.Sleep(20);
        }

        throw new TimeoutException("The test came to no verdict.");
    }
}
