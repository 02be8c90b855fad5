using System;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Net;
using System.Text;
using NetKeepAlive.Holders;
using NetKeepAlive.Interop;
using NetKeepAlive.PowerShell.Input;

namespace NetKeepAlive.PowerShell.Formatting;

/// <summary>What the module's views put into their cells. Public because format files call it.</summary>
public static class Cell
{
    private const string Indentation = "  ";

    /// <summary>A duration, short: <c>30 s</c>, <c>2 h</c>; nothing for null.</summary>
    public static string Duration(object? value) =>
        Wrapping.Unwrap(value) is TimeSpan span ? Options.Duration.Format(span) : string.Empty;

    /// <summary>A duration of which zero means off.</summary>
    public static string DurationOrOff(object? value) =>
        Wrapping.Unwrap(value) is TimeSpan span && span == TimeSpan.Zero ? "off" : Duration(value);

    /// <summary>A socket, short: its addresses. What came back from a remote session says what it was.</summary>
    public static string Socket(object? value) => Wrapping.Unwrap(value) switch
    {
        null => string.Empty,
        string text => VisibleText.Escape(text),
        PSCustomObject => VisibleText.Escape(value!.ToString()!),
        { } holder => SocketDescription.Of(holder),
    };

    /// <summary>A socket in so many columns: what is longer has its peer in a line of its own.</summary>
    public static string Socket(object? value, int width) => InLines(Socket(value), string.Empty, width);

    /// <summary>A socket, and below it what a test of it has shown.</summary>
    public static string Tested(object? socket, object? reason) =>
        WithBelow(Socket(socket), VisibleText.Escape($"{Wrapping.Unwrap(reason)}"), width: 46);

    /// <summary>A number of which 0 means that there is no limit.</summary>
    public static string NumberOrNone(object? value) =>
        Wrapping.Unwrap(value) is int number and > 0 ? $"{number}" : "none";

    /// <summary>The word for true; nothing for false.</summary>
    public static string Flag(object? value) => Wrapping.Unwrap(value) is true ? "yes" : string.Empty;

    /// <summary>A socket's own address; nothing for a Unix socket without one.</summary>
    public static string Local(object? socket) => Address(socket, "Local");

    /// <summary>The address of a socket's peer.</summary>
    public static string Remote(object? socket) => Address(socket, "Remote");

    /// <summary>Who sent a message.</summary>
    public static string Sender(object? message) => Address(message, "Remote");

    /// <summary>Text in one line: control characters show as escapes, and what is long is cut.</summary>
    public static string OneLine(object? value) => VisibleText.Brief(Wrapping.Unwrap(value) as string ?? string.Empty);

    /// <summary>A value whole, in one line: control characters show as escapes.</summary>
    public static string Text(object? value) => Wrapping.Unwrap(value) switch
    {
        null => string.Empty,
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        var other => VisibleText.Escape(other.ToString() ?? string.Empty),
    };

    /// <summary>The value of a socket option; null is off.</summary>
    public static string Value(object? value) => Wrapping.Unwrap(value) switch
    {
        null => "off",
        TimeSpan span => Options.Duration.Format(span),
        { } other => VisibleText.Escape(other.ToString()!),
    };

    /// <summary>A property of an object, or of the property bag that it came back as.</summary>
    internal static object? Property(object? holder, string name)
    {
        object? value = holder is null ? null : PSObject.AsPSObject(holder).Properties[name]?.Value;
        // A property bag is nothing without its wrapping.
        return value is PSObject { BaseObject: PSCustomObject } ? value : Wrapping.Unwrap(value);
    }

    /// <summary>The name of a type as PowerShell people write it: <c>TimeSpan?</c> of
    /// <c>System.Nullable`1[System.TimeSpan]</c>.</summary>
    public static string TypeName(object? value)
    {
        string name = Wrapping.Unwrap(value)?.ToString() ?? string.Empty;
        string inner = name.TrimEnd(']');
        return inner[(inner.LastIndexOf('.') + 1)..] + (inner.Length < name.Length ? "?" : string.Empty);
    }

    /// <summary>A duration in whole milliseconds.</summary>
    public static string Milliseconds(object? value) =>
        Wrapping.Unwrap(value) is TimeSpan span
            ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalMilliseconds:0} ms")
            : string.Empty;

    /// <summary>The first of a list, and whether there are more.</summary>
    public static string Some(object? value)
    {
        const int Most = 5;
        if (Wrapping.Unwrap(value) is not System.Collections.IEnumerable list)
        {
            return string.Empty;
        }

        string[] first = list.Cast<object?>().Take(Most + 1).Select(static it => VisibleText.Escape($"{it}")).ToArray();
        return string.Join(", ", first.Take(Most)) + (first.Length > Most ? ", \u2026" : string.Empty);
    }

    // Properties by name, so that what came back from a remote session as a property bag has its cells too.
    private static string Address(object? value, string side)
    {
        if (value is null)
        {
            return string.Empty;
        }

        PSMemberInfoCollection<PSPropertyInfo> properties = PSObject.AsPSObject(value).Properties;
        if (properties[side + "Path"]?.Value is { } path)
        {
            return VisibleText.Escape(path.ToString()!);
        }

        string address = VisibleText.Escape(WithoutMapping(properties[side + "Address"]?.Value?.ToString() ?? string.Empty));
        return (address, properties[side + "Port"]?.Value) switch
        {
            ("", _) or (_, null) => address,
            (_, { } port) when address.Contains(':', StringComparison.Ordinal) => $"[{address}]:{port}",
            (_, { } port) => $"{address}:{port}",
        };
    }

    /// <summary>A text, and another below it, indented, in lines that fit into a terminal of 80 columns: PowerShell
    /// itself would break words.</summary>
    internal static string WithBelow(string text, string below, int width) =>
        Below(InLines(text, string.Empty, width), InLines(below, Indentation, width));

    /// <summary>A line, and where there is more, that below it, indented.</summary>
    internal static string Below(string line, string more) =>
        more.Length == 0 ? line : $"{line}\n{Indentation}{more}";

    private static string InLines(string text, string indentation, int width)
    {
        StringBuilder lines = new();
        int used = 0;
        foreach (string word in text.Split(' '))
        {
            bool fits = used + 1 + word.Length <= width - indentation.Length;
            lines.Append(used == 0 ? string.Empty : fits ? " " : $"\n{indentation}").Append(word);
            used = word.Length + (used > 0 && fits ? used + 1 : 0);
        }

        return lines.ToString();
    }

    // An IPv4 peer of a listener for both families is shown as what it is.
    internal static string WithoutMapping(string address) =>
        IPAddress.TryParse(address, out IPAddress? ip) && ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4().ToString() : address;
}
