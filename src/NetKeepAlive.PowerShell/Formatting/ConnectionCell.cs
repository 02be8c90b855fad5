using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using NetKeepAlive.Interop;
using NetKeepAlive.PowerShell.Input;

namespace NetKeepAlive.PowerShell.Formatting;

/// <summary>What the views of connections put into their cells. Public because format files call it. Everything is
/// taken as it comes back from another machine too: a property bag for an object, text for an enumeration.</summary>
public static class ConnectionCell
{
    private const int EndWidth = 23;

    // Where the columns of the view of connections end.
    private const int KeepAliveEnds = 114;

    /// <summary>Both ends of a connection as <see cref="Pair"/> has them. What stands in columns that may not be seen
    /// follows in a line of its own.</summary>
    public static string Ends(object? row) => Cell.Below(Pair(row), More(row));

    /// <summary>Both ends, and in a line of its own whose connection it is.</summary>
    public static string EndsAndOwner(object? row) => Cell.Below(
        Pair(row), Process(Property(row, nameof(SocketRow.OwningProcessName)), Property(row, nameof(SocketRow.OwningProcess)), 80));

    /// <summary>Both ends of a connection beside each other; where one is too long for that, one below the other, for an
    /// address is never cut.</summary>
    public static string Pair(object? row)
    {
        string local = EndPoint(Property(row, "LocalAddress"), Property(row, "LocalPort"));
        string remote = Text(Property(row, "State")) == nameof(TcpConnectionState.Listen)
            ? string.Empty
            : EndPoint(Property(row, "RemoteAddress"), Property(row, "RemotePort"));
        return remote.Length == 0 ? local
            : local.Length <= EndWidth && remote.Length <= EndWidth ? $"{local.PadRight(EndWidth)} {remote}"
            : $"{local}\n{remote.PadLeft(Math.Min(EndWidth + 1 + remote.Length, (2 * EndWidth) + 1))}";
    }

    /// <summary>An address and its port, in full; nothing where there is none. An IPv4 peer of a socket for both families
    /// is shown as IPv4.</summary>
    public static string EndPoint(object? address, object? port)
    {
        string host = Cell.WithoutMapping(Text(address));
        return host.Length == 0 ? string.Empty
            : host.Contains(':', StringComparison.Ordinal) ? $"[{host}]:{Text(port)}"
            : $"{host}:{Text(port)}";
    }

    /// <summary>A process's name and number; what does not fit in one line takes two.</summary>
    public static string Process(object? name, object? id, int width)
    {
        string number = Text(id);
        if (number.Length == 0)
        {
            return string.Empty;
        }

        string text = Cell.OneLine(name);
        return text.Length + number.Length + 3 <= width ? $"{text} ({number})".TrimStart() : $"{text}\n({number})";
    }

    /// <summary>What waits at a socket, in words: <c>in 0, out 123</c>; of a listener <c>2 of 511 to accept</c>.</summary>
    public static string Queues(object? row) =>
        Property(row, nameof(TcpConnection.Backlog)) is { } backlog
            ? $"{Text(Property(row, nameof(TcpConnection.AcceptQueue)))} of {Text(backlog)} to accept"
            : $"in {Text(Property(row, nameof(TcpConnection.ReceiveQueue)))}, "
                + $"out {Text(Property(row, nameof(TcpConnection.SendQueue)))}";

    /// <summary>What a Unix socket is bound to, its inode where that is nothing; below it the network namespace, where that
    /// is another.</summary>
    public static string UnixName(object? row) => Cell.Below(
        BoundTo(row), Text(Property(row, nameof(SocketRow.NetworkNamespace))) is { Length: > 0 } network ? $"in {network}" : string.Empty);

    /// <summary>Who is at the other end of a Unix socket; of a listener how many wait.</summary>
    public static string UnixPeer(object? row, int width)
    {
        if (Property(row, nameof(UnixSocketInfo.Backlog)) is not null)
        {
            return Queues(row);
        }

        string process = Process(
            Property(row, nameof(UnixSocketInfo.PeerProcessName)), Property(row, nameof(UnixSocketInfo.PeerProcess)), width);
        return process.Length > 0 || Property(row, nameof(UnixSocketInfo.PeerInode)) is not { } inode
            ? process
            : $"[{Text(inode)}]";
    }

    /// <summary>A property of the connection of a change.</summary>
    public static object? OfConnection(object? change, string name) =>
        Property(Property(change, nameof(TcpConnectionChange.Connection)), name);

    /// <summary>A timer and when it goes off: <c>KeepAlive 59.3 s</c>.</summary>
    public static string Timer(object? timer, object? expires)
    {
        string name = Text(timer);
        return name is "" or "None" ? string.Empty : $"{name} {Seconds(expires)}".TrimEnd();
    }

    /// <summary>A duration in seconds, up to 100 s with one decimal: <c>4.1 s</c>, <c>3599 s</c>.</summary>
    public static string Seconds(object? value) => Wrapping.Unwrap(value) is TimeSpan span
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"{span.TotalSeconds.ToString(span.TotalSeconds < 100 ? "0.0" : "0", CultureInfo.InvariantCulture)} s")
        : string.Empty;

    /// <summary>Keep-alive settings in words: <c>30 s + 3 x 10 s</c>; <c>off</c>; nothing where they are not known. What
    /// came by CSV or from afar may be these words already.</summary>
    public static string KeepAlive(object? settings) =>
        Wrapping.Unwrap(settings) is string words ? VisibleText.Escape(words)
        : Property(settings, nameof(TcpKeepAlive.Enabled)) is bool enabled ? new TcpKeepAlive
        {
            Enabled = enabled,
            IdleTime = Property(settings, nameof(TcpKeepAlive.IdleTime)) as TimeSpan?,
            Interval = Property(settings, nameof(TcpKeepAlive.Interval)) as TimeSpan?,
            ProbeCount = Property(settings, nameof(TcpKeepAlive.ProbeCount)) as int?,
            UserTimeout = Property(settings, nameof(TcpKeepAlive.UserTimeout)) as TimeSpan?,
        }.ToString()
        : string.Empty;

    /// <summary>What happens when the peer falls silent, on a line of time: the idle time, each probe, the
    /// end.</summary>
    public static string Timeline(object? settings) => Timeline(settings, state: null);

    /// <summary>That of a row: a listener has no peer.</summary>
    public static string Timeline(object? settings, object? state)
    {
        const int MostProbes = 4;
        if (Text(state) == nameof(TcpConnectionState.Listen))
        {
            return "a listener, with no peer";
        }

        if (Property(settings, nameof(TcpKeepAlive.Enabled)) is not bool enabled)
        {
            return string.Empty;
        }

        if (!enabled)
        {
            return "off: a silent peer that is sent nothing is never noticed";
        }

        string idle = Cell.Duration(Property(settings, nameof(TcpKeepAlive.IdleTime)));
        string interval = Cell.Duration(Property(settings, nameof(TcpKeepAlive.Interval)));
        string end = Cell.Duration(Property(settings, nameof(TcpKeepAlive.DetectionTime)));
        if (Property(settings, nameof(TcpKeepAlive.UserTimeout)) is TimeSpan { Ticks: > 0 } limit)
        {
            return $"|-- {idle} --o-- {interval} --o-- ... x {end} (user timeout {Cell.Duration(limit)})";
        }

        int probes = Convert.ToInt32(Property(settings, nameof(TcpKeepAlive.ProbeCount)), CultureInfo.InvariantCulture);
        string line = $"|-- {idle} --o";
        for (int probe = 1; probe < Math.Min(probes, MostProbes); probe++)
        {
            line += $"-- {interval} --o";
        }

        if (probes > MostProbes)
        {
            line += $" ... ({probes} probes) ... o";
        }

        return $"{line}-- {interval} --x {end}";
    }

    // The columns at the right of the view, as far as they may not be seen: a console of known width shows them, of text
    // nobody knows how wide it is.
    private static string More(object? row)
    {
        int width = ConsoleWidth();
        List<string> parts = [];
        if (Text(Property(row, nameof(SocketRow.NetworkNamespace))) is { Length: > 0 } network)
        {
            parts.Add($"in {network}");
        }

        if (width < KeepAliveEnds && KeepAlive(Property(row, nameof(TcpConnection.KeepAlive))) is { Length: > 0 } settings)
        {
            string next = Text(Property(row, nameof(TcpConnection.Timer))) == nameof(TcpTimer.KeepAlive)
                ? $", next in {Seconds(Property(row, nameof(TcpConnection.TimerExpires)))}"
                : string.Empty;
            parts.Add($"keep-alive {settings}{next}");
        }

        return string.Join(", ", parts);
    }

    private static int ConsoleWidth()
    {
        try
        {
            return Console.IsOutputRedirected ? 0 : Console.WindowWidth;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static string BoundTo(object? row) =>
        Property(row, nameof(UnixSocketInfo.LocalPath)) is { } path ? Cell.OneLine(path)
        : Property(row, nameof(UnixSocketInfo.AbstractName)) is { } name ? "@" + Cell.OneLine(name)
        : $"[{Text(Property(row, nameof(UnixSocketInfo.Inode)))}]";

    private static object? Property(object? holder, string name) => Cell.Property(holder, name);

    private static string Text(object? value) => Cell.Text(value);
}
