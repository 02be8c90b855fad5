using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using NetKeepAlive.Interop;
using NetKeepAlive.Policies;

namespace NetKeepAlive.PowerShell.Formatting;

/// <summary>What the view of keep-alive policies puts into its cells, also of those that came from another session. Public
/// because format files call it.</summary>
public static class PolicyCell
{
    /// <summary>A policy's name, and below it what it sets, and on which connections.</summary>
    public static string Policy(object? policy) => Cell.WithBelow(
        VisibleText.Escape($"{Property(policy, nameof(TcpKeepAlivePolicy.PolicyName))}"),
        VisibleText.Escape($"{Settings(policy)}; {Where(policy)}"),
        width: 48);

    // As in: 30 s + 3 x 10 s, 1 m (idle time, probes, interval and user timeout; a dash is left as it is).
    private static string Settings(object? policy)
    {
        PSObject? settings = Property(policy, nameof(TcpKeepAlivePolicy.KeepAlive)) is { } found
            ? PSObject.AsPSObject(found)
            : null;
        string idle = Short(Property(settings, nameof(TcpKeepAlive.IdleTime)));
        string probes = Short(Property(settings, nameof(TcpKeepAlive.ProbeCount)));
        string interval = Short(Property(settings, nameof(TcpKeepAlive.Interval)));
        string times = $"{idle} + {probes} x {interval}";
        return Property(settings, nameof(TcpKeepAlive.UserTimeout)) is TimeSpan limit
            ? $"{times}, {Cell.DurationOrOff(limit)}"
            : times;
    }

    // As in: /web.service; Outbound; remote port 5432
    private static string Where(object? policy)
    {
        List<string> parts = [Group($"{Property(policy, nameof(TcpKeepAlivePolicy.ControlGroup))}")];
        if (Property(policy, nameof(TcpKeepAlivePolicy.Direction)) is { } direction && $"{direction}" is not "Both")
        {
            parts.Add($"{direction}");
        }

        Add(parts, "local port", Property(policy, nameof(TcpKeepAlivePolicy.LocalPort)));
        Add(parts, "remote port", Property(policy, nameof(TcpKeepAlivePolicy.RemotePort)));
        Add(parts, "from or to", Property(policy, nameof(TcpKeepAlivePolicy.RemoteAddress)));
        if (Property(policy, nameof(TcpKeepAlivePolicy.Override)) is true)
        {
            parts.Add("override");
        }

        return string.Join("; ", parts);
    }

    private static string Group(string folder)
    {
        string root = ControlGroupTree.Find()?.Whole.Folder ?? string.Empty;
        return folder == root ? "whole system"
            : folder.StartsWith(root, StringComparison.Ordinal) ? folder[root.Length..]
            : folder;
    }

    private static void Add(List<string> parts, string what, object? values)
    {
        const int Most = 3;
        string[] all = values is IEnumerable many and not string
            ? many.Cast<object>().Select(static it => $"{it}").ToArray()
            : [];
        if (all.Length > 0)
        {
            parts.Add($"{what} {string.Join(", ", all.Take(Most))}{(all.Length > Most ? ", ..." : string.Empty)}");
        }
    }

    private static string Short(object? value) => value switch
    {
        null => "-",
        TimeSpan span => Options.Duration.Format(span),
        _ => $"{value}",
    };

    private static object? Property(object? item, string name) => Cell.Property(item, name);
}
