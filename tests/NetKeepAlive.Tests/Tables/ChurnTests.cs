using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.Linq;
using NetKeepAlive.Tables;
using Xunit;

namespace NetKeepAlive.Tests.Tables;

/// <summary>Listings while another process opens and closes connections as fast as it can. The kernel marks no such
/// dump as interrupted (its tcp_diag keeps no count of changes to compare); what holds is tested: a connection that
/// lasts is in each listing, and nothing is in one twice.</summary>
[Collection(nameof(SteadyStates))]
public sealed class ChurnTests
{
    private const int Listings = 10;

    // Every other connection ends by a reset, so that some leave the table at once and some stay in TIME-WAIT.
    private const string Churn = """
        import os, socket, struct
        os.fork()
        listener = socket.socket()
        listener.bind(('127.0.0.1', 0))
        listener.listen()
        print('ready', flush=True)
        while True:
            pairs = []
            for i in range(100):
                client = socket.create_connection(listener.getsockname())
                server, _ = listener.accept()
                pairs += [(client, server)]
            for i, (client, server) in enumerate(pairs):
                if i % 2:
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
                client.close()
                server.close()
        """;

    [Fact]
    public void A_connection_that_lasts_is_in_every_listing_once() => NetworkNamespace.Run(() =>
    {
        using SteadyStates states = new(rounds: 300);
        List<TcpConnection> before = Listing.Tcp(new TcpConnectionFilter());
        HashSet<ulong> lasting =
            [.. before.Where(row => row.State is not TcpConnectionState.TimeWait).Select(row => row.Cookie)];
        HashSet<ulong> known = [.. before.Select(row => row.Cookie)];
        using Process churn = Start();
        try
        {
            HashSet<ulong> passing = [];
            long begin = Stopwatch.GetTimestamp();
            for (int i = 0;
                i < Listings || (passing.Count <= 300 && Stopwatch.GetElapsedTime(begin) < TcpPair.Limit);
                i++)
            {
                List<ulong> listed = Cookies();
                Assert.Equal(listed.Count, listed.Distinct().Count());
                Assert.Empty(lasting.Except(listed));
                passing.UnionWith(listed.Except(known));
            }

            Assert.True(passing.Count > 300, $"{passing.Count} others");
        }
        finally
        {
            churn.Kill(entireProcessTree: true);
            churn.WaitForExit();
        }
    });

    private static List<ulong> Cookies() =>
        Listing.Tcp(new TcpConnectionFilter()).Select(row => row.Cookie).ToList();

    private static Process Start()
    {
        try
        {
            ProcessStartInfo start = new("python3", ["-c", Churn]) { RedirectStandardOutput = true };
            Process python = Process.Start(start)!;
            python.StandardOutput.ReadLine();
            return python;
        }
        catch (Win32Exception)
        {
            Assert.Skip("no python3 on PATH");
            throw;
        }
    }
}
