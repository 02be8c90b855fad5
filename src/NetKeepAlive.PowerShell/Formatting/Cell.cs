using System;
using System.Management.Automation;

namespace NetKeepAlive.PowerShell.Formatting;

/// <summary>What the module's views put into their cells. Public because format files call it.</summary>
public static class Cell
{
    /// <summary>A duration, short: <c>30 s</c>, <c>2 h</c>; nothing for null.</summary>
    public static string Duration(object? value) =>
        Base(value) is TimeSpan span ? Options.Duration.Format(span) : string.Empty;

    /// <summary>A duration of which zero means off.</summary>
    public static string DurationOrOff(object? value) =>
        Base(value) is TimeSpan span && span == TimeSpan.Zero ? "off" : Duration(value);

    /// <summary>A socket, short: its addresses.</summary>
    public static string Socket(object? value) => Base(value) switch
    {
        null => string.Empty,
        string text => text,
        { } holder => SocketDescription.Of(holder),
    };

    private static object? Base(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}
