using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using NetKeepAlive.Interop;
using NetKeepAlive.Tables;
using Xunit;

namespace NetKeepAlive.Tests.Tables;

/// <summary>A connection that several processes hold.</summary>
public sealed class SharedConnectionTests
{
    private const string Client = """
        import os, socket, sys
        connection = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
        holders = [os.getpid()]
        for i in range(3):
            child = os.fork()
            if child == 0:
                sys.stdin.read()
                sys.exit()
            holders.append(child)
        print(*holders, flush=True)
        sys.stdin.read()
        """;

    public SharedConnectionTests() => Assert.SkipUnless(CurrentPlatform.Value is Platform.Linux, "Linux only");

    [Fact]
    public void It_is_listed_once_with_the_lowest_id_and_found_by_each()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using Process python = Start(port);
        try
        {
            int[] holders = python.StandardOutput.ReadLine()!.Split(' ')
                .Select(id => int.Parse(id, CultureInfo.InvariantCulture))
                .ToArray();
            // A connection of another test that had this port before may still be in TIME-WAIT.
            TcpConnectionFilter filter = new() { RemotePort = Ports.Of(port), State = [TcpConnectionState.Established] };
            TcpConnection row = Assert.Single(Listing.Tcp(filter));
            Assert.Equal(holders.Min(), row.OwningProcess);
            foreach (int holder in holders)
            {
                TcpConnection found = Assert.Single(Listing.Tcp(filter with { Processes = new ProcessFilter { Ids = [holder] } }));
                Assert.Equal(holder, found.OwningProcess);
                Assert.Equal(row.Cookie, found.Cookie);
            }
        }
        finally
        {
            python.Kill(entireProcessTree: true);
            python.WaitForExit();
        }
    }

    private static Process Start(int port)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("python3", ["-c", Client, $"{port}"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
        }
        catch (Win32Exception)
        {
            Assert.Skip("no python3 on PATH");
            throw;
        }
    }
}
