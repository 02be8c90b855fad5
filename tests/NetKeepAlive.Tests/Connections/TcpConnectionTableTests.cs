using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using NetKeepAlive.Connections;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Netlink;
using Xunit;

namespace NetKeepAlive.Tests.Connections;

public sealed partial class TcpConnectionTableTests
{
    public TcpConnectionTableTests() => Assert.SkipUnless(CurrentPlatform.Value is Platform.Linux, "Linux only");

    [Theory]
    [InlineData(AddressFamily.InterNetwork, "127.0.0.1")]
    [InlineData(AddressFamily.InterNetworkV6, "::1")]
    public void A_connection_is_listed_with_its_owner(AddressFamily family, string address)
    {
        using Connection connection = new(family);
        TcpConnection row = Find(connection.Client);
        Assert.Equal(address, row.LocalAddress);
        Assert.Equal(Port(connection.Client), row.LocalPort);
        Assert.Equal(address, row.RemoteAddress);
        Assert.Equal(Port(connection.Server), row.RemotePort);
        Assert.Equal(TcpState.Established, row.State);
        Assert.Equal(Environment.ProcessId, row.OwningProcess);
        Assert.Equal((int)connection.Client.Handle, row.FileDescriptor);
        Assert.Equal(family, row.AddressFamily);
        Assert.NotNull(row.ProcessName);
        Assert.NotEqual(0, row.Inode);
    }

    [Fact]
    public void An_IPv4_connection_of_an_IPv6_socket_is_shown_as_the_kernel_has_it_and_found_by_either_address()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using Socket client = new(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
        client.Connect(listener.LocalEndPoint!);
        foreach (string pattern in (string[])["127.0.0.1", "127.0.0.0/8", "::ffff:127.0.0.1", "::ffff:0:0/96"])
        {
            TcpConnection row = Assert.Single(TcpConnectionTable.Read(new TcpConnectionFilter
            {
                LocalPort = [Port(client)],
                RemotePort = [Port(listener)],
                LocalAddress = [AddressPattern.Parse(pattern)],
            }));
            Assert.Equal("::ffff:127.0.0.1", row.LocalAddress);
        }

        Assert.Empty(TcpConnectionTable.Read(new TcpConnectionFilter
        {
            LocalPort = [Port(client)],
            RemotePort = [Port(listener)],
            LocalAddress = [AddressPattern.Parse("10.0.0.0/8"), AddressPattern.Parse("::1")],
        }));
    }

    [Fact]
    public void The_kernel_filters_as_this_side_does()
    {
        using Connection four = new();
        using Connection six = new(AddressFamily.InterNetworkV6);
        int[] ports = [Port(four.Client), Port(four.Server), Port(six.Client), Port(six.Server)];
        Random random = new(11);
        string[] patterns = ["127.0.0.1", "127.0.0.0/8", "0.0.0.0/0", "10.0.0.0/8", "::1", "::/0", "fe80::/10", "127.0.0.1/31"];
        for (int i = 0; i < 300; i++)
        {
            TcpConnectionFilter filter = new()
            {
                LocalAddress = Some(random, patterns).Select(AddressPattern.Parse).ToList(),
                LocalPort = Some(random, ports),
                RemoteAddress = Some(random, patterns).Select(AddressPattern.Parse).ToList(),
                RemotePort = [.. Some(random, ports), .. Some(random, [1, 2, 3])],
            };
            HashSet<ulong> ours = Cookies(ports, Everything().Where(filter.Matches));
            HashSet<ulong> kernels = Cookies(ports, Ask(filter));
            Assert.Equal(ours.Order(), kernels.Order());
        }
    }

    [Fact]
    public void A_filter_that_is_too_long_for_the_kernel_still_filters()
    {
        using Connection connection = new();
        TcpConnectionFilter filter = new()
        {
            LocalPort = [Port(connection.Client), .. Enumerable.Repeat(1, 10_000)],
            RemotePort = [Port(connection.Server)],
        };
        Assert.Null(filter.Compile());
        Assert.Single(TcpConnectionTable.Read(filter));
    }

    [Fact]
    public void Only_the_named_processes_are_listed()
    {
        using Connection connection = new();
        Assert.All(
            TcpConnectionTable.Read(new TcpConnectionFilter { OwningProcess = [Environment.ProcessId] }),
            row => Assert.Equal(Environment.ProcessId, row.OwningProcess));
        Assert.Empty(TcpConnectionTable.Read(
            new TcpConnectionFilter { OwningProcess = [int.MaxValue], LocalPort = [Port(connection.Client)] }));
    }

    [Fact]
    public void Info_from_the_table_agrees_with_the_socket()
    {
        using Connection connection = new();
        connection.Client.Send(new byte[1000]);
        connection.Server.Receive(new byte[1000]);
        using DiagSocket diag = new();
        TcpInfo listed = Find(connection.Client).ReadInfo(diag)!;
        TcpInfo own = TcpInfo.Read(connection.Client.SafeHandle);
        Assert.Equal(TcpState.Established, listed.State);
        Assert.Equal(own.BytesSent, listed.BytesSent);
        Assert.Equal(1000, listed.BytesSent);
        Assert.Equal(own.SegmentsSent, listed.SegmentsSent);
        Assert.Equal(own.RoundTripTime, listed.RoundTripTime);
        Assert.Equal(1000, TcpInfo.Read(connection.Server.SafeHandle).BytesReceived);
    }

    [Fact]
    public void A_socket_that_is_only_bound_is_listed_when_Closed_is_asked_for()
    {
        Assert.SkipUnless(Environment.OSVersion.Version >= new Version(6, 8), "a kernel before 6.8 does not list these");
        using Socket bound = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        bound.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        TcpConnection row = Assert.Single(TcpConnectionTable.Read(
            new TcpConnectionFilter { LocalPort = [Port(bound)], State = [TcpState.Closed] }));
        Assert.Equal(TcpState.Closed, row.State);
        Assert.DoesNotContain(
            TcpConnectionTable.Read(new TcpConnectionFilter { LocalPort = [Port(bound)] }),
            other => other.State is TcpState.Closed);
    }

    /// <summary>Several thousand sockets in every state that can be made here, against ss: the same set, and timers
    /// within 100 ms of what lies between the listings before and after.</summary>
    [Fact]
    public void The_listing_agrees_with_ss()
    {
        using States states = new(rounds: 900);
        HashSet<int> ports = states.Ports;
        List<TcpConnection> before = Mine(ports);
        long start = Stopwatch.GetTimestamp();
        Dictionary<string, SsRow> ss = Ss(ports);
        List<TcpConnection> after = Mine(ports);
        TimeSpan between = Stopwatch.GetElapsedTime(start);

        Assert.True(before.Count > 3000, $"{before.Count} sockets");
        Assert.Equal(
            (TcpState[])[TcpState.CloseWait, TcpState.Established, TcpState.FinWait2, TcpState.Listen, TcpState.SynSent, TcpState.TimeWait],
            before.Select(row => row.State).Distinct().OrderBy(state => state.ToString()));
        Assert.Equal(ss.Keys.Order(), before.Select(Key).Order());
        Assert.Equal(ss.Keys.Order(), after.Select(Key).Order());
        Dictionary<string, TcpConnection> later = after.ToDictionary(Key);
        int timers = 0;
        foreach (TcpConnection row in before)
        {
            SsRow theirs = ss[Key(row)];
            TcpConnection last = later[Key(row)];
            Assert.Equal(theirs.Inode, row.Inode);
            Assert.Equal(theirs.ReceiveQueue, row.ReceiveQueue);
            Assert.Equal(theirs.SendQueue, row.SendQueue);
            if (row.Timer != last.Timer || row.Retransmits != last.Retransmits
                || (row.Timer is TcpTimer.Retransmit && row.State is not TcpState.SynSent))
            {
                continue;
            }

            Assert.Equal(theirs.Timer, row.Timer);
            if (theirs.Expires is { } expires)
            {
                timers++;
                // ss cuts what is 10 s or more to whole seconds.
                TimeSpan grain = expires >= TimeSpan.FromSeconds(10) ? TimeSpan.FromSeconds(1) : TimeSpan.Zero;
                TimeSpan slack = TimeSpan.FromMilliseconds(100);
                Assert.InRange(expires, last.TimerExpires!.Value - slack - grain, row.TimerExpires!.Value + slack);
            }
        }

        Assert.True(timers > 1000, $"{timers} timers compared, {between.TotalMilliseconds:0} ms");
    }

    private static TcpConnection Find(Socket socket) => Assert.Single(
        TcpConnectionTable.Read(new TcpConnectionFilter { LocalPort = [Port(socket)] }),
        row => row.RemotePort == ((IPEndPoint)socket.RemoteEndPoint!).Port);

    private static int Port(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    private static List<T> Some<T>(Random random, T[] all) => all.Where(_ => random.Next(3) == 0).ToList();

    private static IEnumerable<DiagRecord> Everything() => TcpConnectionTable.ReadRecords(new TcpConnectionFilter(), default);

    // Straight from the kernel, without the second look of this side.
    private static List<DiagRecord> Ask(TcpConnectionFilter filter)
    {
        List<DiagRecord> all = [];
        using DiagSocket socket = new();
        foreach (bool isIPv6 in (bool[])[false, true])
        {
            foreach (List<DiagRecord> batch in socket.Dump(isIPv6, filter.States, filter.Compile()!, out _))
            {
                all.AddRange(batch);
            }
        }

        return all;
    }

    private static HashSet<ulong> Cookies(int[] ports, IEnumerable<DiagRecord> records) => records
        .Where(record => ports.Contains(record.Identity.SourcePort) && ports.Contains(record.Identity.DestinationPort))
        .Select(record => record.Identity.Cookie)
        .ToHashSet();

    private static List<TcpConnection> Mine(HashSet<int> ports) => TcpConnectionTable.Read(new TcpConnectionFilter())
        .Where(row => ports.Contains(row.LocalPort) || ports.Contains(row.RemotePort))
        .ToList();

    private static string Key(TcpConnection row) => row.State switch
    {
        TcpState.Listen => $"LISTEN {row}",
        TcpState.Established => $"ESTAB {row}",
        TcpState.SynSent => $"SYN-SENT {row}",
        TcpState.SynReceived => $"SYN-RECV {row}",
        TcpState.FinWait1 => $"FIN-WAIT-1 {row}",
        TcpState.FinWait2 => $"FIN-WAIT-2 {row}",
        TcpState.CloseWait => $"CLOSE-WAIT {row}",
        TcpState.TimeWait => $"TIME-WAIT {row}",
        TcpState.LastAck => $"LAST-ACK {row}",
        _ => $"{row.State} {row}",
    };

    private sealed record SsRow(TcpTimer Timer, TimeSpan? Expires, long Inode, long ReceiveQueue, long SendQueue);

    private static Dictionary<string, SsRow> Ss(HashSet<int> ports)
    {
        Process ss;
        try
        {
            ss = Process.Start(new ProcessStartInfo("ss", ["-tanOe", "-o"]) { RedirectStandardOutput = true })!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("no ss on PATH");
            throw;
        }

        using (ss)
        {
            Dictionary<string, SsRow> rows = [];
            while (ss.StandardOutput.ReadLine() is { } line)
            {
                string[] cells = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (cells.Length < 5 || cells[0] == "State")
                {
                    continue;
                }

                int local = PortOf(cells[3]);
                int remote = PortOf(cells[4]);
                if (!ports.Contains(local) && !ports.Contains(remote))
                {
                    continue;
                }

                // A listener for both families is "*" there.
                cells[3] = cells[3].Replace("*:", "[::]:", StringComparison.Ordinal);
                string key = cells[0] == "LISTEN" ? $"LISTEN {cells[3]}" : $"{cells[0]} {cells[3]} -> {cells[4]}";
                Match timer = TimerOf().Match(line);
                Match inode = InodeOf().Match(line);
                rows.Add(key, new SsRow(
                    timer.Groups["name"].Value switch
                    {
                        "keepalive" => TcpTimer.KeepAlive,
                        "timewait" => TcpTimer.TimeWait,
                        "on" => TcpTimer.Retransmit,
                        "persist" => TcpTimer.ZeroWindow,
                        _ => TcpTimer.None,
                    },
                    timer.Success ? Time(timer.Groups["time"].Value) : null,
                    inode.Success ? long.Parse(inode.Groups[1].Value, CultureInfo.InvariantCulture) : 0,
                    long.Parse(cells[1], CultureInfo.InvariantCulture),
                    long.Parse(cells[2], CultureInfo.InvariantCulture)));
            }

            return rows;
        }
    }

    private static int PortOf(string endPoint) =>
        int.TryParse(endPoint[(endPoint.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture, out int port) ? port : 0;

    // "119min", "1min59sec", "59sec", "200ms"; and "4.996ms" for 4.996 s.
    private static TimeSpan Time(string text)
    {
        Match parts = TimeOf().Match(text);
        double milliseconds = Number(parts.Groups["ms"].Value);
        return TimeSpan.FromMinutes(Number(parts.Groups["min"].Value))
            + TimeSpan.FromSeconds(Number(parts.Groups["sec"].Value))
            + (text.Contains('.', StringComparison.Ordinal)
                ? TimeSpan.FromSeconds(milliseconds)
                : TimeSpan.FromMilliseconds(milliseconds));
    }

    private static double Number(string text) => text.Length == 0 ? 0 : double.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"timer:\((?<name>[a-z]+),(?<time>[0-9a-z.]+),")]
    private static partial Regex TimerOf();

    [GeneratedRegex(@"\bino:(\d+)")]
    private static partial Regex InodeOf();

    [GeneratedRegex(@"^((?<min>\d+)min)?((?<sec>\d+)sec)?((?<ms>[\d.]+)ms)?$")]
    private static partial Regex TimeOf();

    /// <summary>Sockets in every state that can be made without rights, IPv4, IPv6 and IPv4-mapped.</summary>
    private sealed class States : IDisposable
    {
        private readonly List<Socket> _sockets = [];

        internal States(int rounds)
        {
            Socket four = Listen(new IPEndPoint(IPAddress.Loopback, 0), 4096);
            Socket six = Listen(new IPEndPoint(IPAddress.IPv6Any, 0), 4096);
            for (int i = 0; i < rounds; i++)
            {
                IPEndPoint[] targets =
                [
                    new(IPAddress.Loopback, Port(four)), new(IPAddress.IPv6Loopback, Port(six)), new(IPAddress.Loopback, Port(six)),
                ];
                int kind = i % 3;
                IPEndPoint target = targets[kind];
                Socket client = Keep(new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
                client.Connect(target);
                Socket server = Keep((kind == 0 ? four : six).Accept());
                new TcpKeepAlive { Enabled = true, IdleTime = TimeSpan.FromSeconds(8 + (i % 60)) }.Apply(client.SafeHandle);
                new TcpKeepAlive { Enabled = true, IdleTime = TimeSpan.FromSeconds(500) }.Apply(server.SafeHandle);

                // Some half closed (FinWait2 and CloseWait), some closed (TimeWait).
                Socket half = Keep(new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
                half.Connect(target);
                Keep((kind == 0 ? four : six).Accept());
                if (i % 4 == 1)
                {
                    half.Shutdown(SocketShutdown.Send);
                }
                else if (i % 4 == 2)
                {
                    half.Dispose();
                    _sockets[^1].Dispose();
                }
            }

            // A listener whose queue is full drops what comes: SynSent.
            Socket full = Listen(new IPEndPoint(IPAddress.Loopback, 0), 0);
            for (int i = 0; i < 4; i++)
            {
                Socket waiting = Keep(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
                waiting.Blocking = false;
                try
                {
                    waiting.Connect(full.LocalEndPoint!);
                }
                catch (SocketException)
                {
                    // In progress, as wanted.
                }
            }

            Ports = [Port(four), Port(six), Port(full)];
            // FinWait2 needs the answer of the other side.
            System.Threading.Thread.Sleep(50);
        }

        internal HashSet<int> Ports { get; }

        public void Dispose() => _sockets.ForEach(socket => socket.Dispose());

        private Socket Listen(IPEndPoint at, int backlog)
        {
            Socket listener = Keep(new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
            if (at.AddressFamily is AddressFamily.InterNetworkV6)
            {
                listener.DualMode = true;
            }

            listener.Bind(at);
            listener.Listen(backlog);
            return listener;
        }

        private Socket Keep(Socket socket)
        {
            _sockets.Add(socket);
            return socket;
        }
    }
}
