using System;
using System.Globalization;
using System.Management.Automation;
using NetKeepAlive.PowerShell.Input;

namespace NetKeepAlive.PowerShell.Formatting;

/// <summary>What the views of connections put into their cells. Public because format files call it. Everything is
/// taken as it comes back from another machine too: a property bag for an object, text for an enumeration.</summary>
public static class ConnectionCell
{
    /// <summary>An address and its port; what is too wide loses its middle, not its port.</summary>
    public static string EndPoint(object? address, object? port, int width)
    {
        string host = Text(address);
        string end = ":" + Text(port);
        if (host.Contains(':', StringComparison.Ordinal))
        {
            host = $"[{host}]";
        }

        int room = width - end.Length;
        if (host.Length > room && room > 4)
        {
            int tail = (room - 1) / 2;
            host = string.Concat(host.AsSpan(0, room - 1 - tail), "…", host.AsSpan(host.Length - tail));
        }

        return host + end;
    }

    /// <summary>A process's name and number; a long name is cut, not the number.</summary>
    public static string Process(object? name, object? id, int width)
    {
        string number = Text(id);
        if (number.Length == 0)
        {
            return string.Empty;
        }

        string text = Text(name);
        int room = width - number.Length - 3;
        if (text.Length > room && room > 1)
        {
            text = string.Concat(text.AsSpan(0, room - 1), "…");
        }

        return $"{text} ({number})";
    }

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

    /// <summary>Keep-alive settings, short: <c>30 s + 3 x 10 s</c>; <c>off</c>; nothing where they are not
    /// known.</summary>
    public static string KeepAlive(object? settings)
    {
        if (Property(settings, nameof(TcpKeepAlive.Enabled)) is not bool enabled)
        {
            return string.Empty;
        }

        return enabled
            ? $"{Cell.Duration(Property(settings, nameof(TcpKeepAlive.IdleTime)))} + "
                + $"{Text(Property(settings, nameof(TcpKeepAlive.ProbeCount)))} x "
                + Whole(Property(settings, nameof(TcpKeepAlive.Interval)))
            : "off";
    }

    /// <summary>What happens when the peer falls silent, on a line of time: the idle time, each probe, the
    /// end.</summary>
    public static string Timeline(object? settings)
    {
        const int MostProbes = 4;
        if (Property(settings, nameof(TcpKeepAlive.Enabled)) is not bool enabled)
        {
            return string.Empty;
        }

        if (!enabled)
        {
            return "off: a silent peer is never noticed";
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

    // "75 s" is shorter than "1 m 15 s".
    private static string Whole(object? value) => Wrapping.Unwrap(value) is TimeSpan { TotalSeconds: < 1000 } span
        ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0} s")
        : Cell.Duration(value);

    private static object? Property(object? holder, string name) =>
        holder is null ? null : Wrapping.Unwrap(PSObject.AsPSObject(holder).Properties[name]?.Value);

    private static string Text(object? value) => value switch
    {
        null => string.Empty,
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? string.Empty,
    };
}
