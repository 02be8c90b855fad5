using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Xunit;

namespace NetKeepAlive.Tests.Tables;

/// <summary>A socket as ss(8) has it.</summary>
internal sealed record SsRow(TcpTimer Timer, TimeSpan? Expires, long Inode, long ReceiveQueue, long SendQueue);

/// <summary>The sockets that ss(8) lists, and how to find a row of ours among them.</summary>
internal static partial class SsListing
{
    /// <summary>Lists the sockets that have one of these ports at either end; skips the test where there is no
    /// ss.</summary>
    internal static Dictionary<string, SsRow> Read(HashSet<int> ports)
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
                if (cells.Length < 5 || cells[0] == "State"
                    || !(ports.Contains(PortOf(cells[3])) || ports.Contains(PortOf(cells[4]))))
                {
                    continue;
                }

                // A listener for both families is "*" there.
                cells[3] = cells[3].Replace("*:", "[::]:", StringComparison.Ordinal);
                string key = cells[0] == "LISTEN" ? $"LISTEN {cells[3]}" : $"{cells[0]} {cells[3]} -> {cells[4]}";
                rows.Add(key, Parse(line, cells));
            }

            return rows;
        }
    }

    /// <summary>Under what ss lists a row of ours.</summary>
    internal static string Key(TcpConnection row) => row.State switch
    {
        TcpConnectionState.Listen => $"LISTEN {Ends(row)}",
        TcpConnectionState.Established => $"ESTAB {Ends(row)}",
        TcpConnectionState.SynSent => $"SYN-SENT {Ends(row)}",
        TcpConnectionState.SynReceived => $"SYN-RECV {Ends(row)}",
        TcpConnectionState.FinWait1 => $"FIN-WAIT-1 {Ends(row)}",
        TcpConnectionState.FinWait2 => $"FIN-WAIT-2 {Ends(row)}",
        TcpConnectionState.CloseWait => $"CLOSE-WAIT {Ends(row)}",
        TcpConnectionState.TimeWait => $"TIME-WAIT {Ends(row)}",
        TcpConnectionState.LastAck => $"LAST-ACK {Ends(row)}",
        TcpConnectionState.Closing => $"CLOSING {Ends(row)}",
        _ => $"{row.State} {Ends(row)}",
    };

    private static SsRow Parse(string line, string[] cells)
    {
        Match timer = TimerOf().Match(line);
        Match inode = InodeOf().Match(line);
        return new SsRow(
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
            long.Parse(cells[2], CultureInfo.InvariantCulture));
    }

    private static int PortOf(string endPoint) =>
        int.TryParse(endPoint[(endPoint.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture, out int port) ? port : 0;

    // "119min", "1min59sec", "59sec", "200ms"; "4.996ms" for 4.996 s; nothing for 0.
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

    [GeneratedRegex(@"timer:\((?<name>[a-z]+),(?<time>[0-9a-z.]*),")]
    private static partial Regex TimerOf();

    [GeneratedRegex(@"\bino:(\d+)")]
    private static partial Regex InodeOf();

    [GeneratedRegex(@"^((?<min>\d+)min)?((?<sec>\d+)sec)?((?<ms>[\d.]+)ms)?$")]
    private static partial Regex TimeOf();

    // ss keeps the mapped form of an IPv4 address that an IPv6 socket has.
    private static string Ends(TcpConnection row)
    {
        string local = $"{new IPEndPoint(IPAddress.Parse(row.LocalAddress), row.LocalPort)}";
        return row.IsListener
            ? local
            : $"{local} -> {new IPEndPoint(IPAddress.Parse(row.RemoteAddress), row.RemotePort)}";
    }
}
