using System;
using System.Globalization;
using System.Management.Automation;
using NetKeepAlive.Interop;
using NetKeepAlive.Tables;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>What is piped where a socket or a row of Get-TcpConnection is awaited.</summary>
internal static class ConnectionRow
{
    /// <summary>The holder of a socket: what was given; the connection of a change or an account; for a row that somebody
    /// made or read from a file, with the four endpoint properties, the connection that has these endpoints now. A row
    /// that remoting brought stays what it is: its connection is elsewhere.</summary>
    /// <param name="item">What was given.</param>
    /// <param name="tables">Where to look the endpoints up.</param>
    /// <exception cref="ArgumentException">A property of the row is nothing that one connection has.</exception>
    /// <exception cref="NativeSocketException">No connection has these endpoints, or several have.</exception>
    internal static object? Resolve(object? item, SocketTables tables)
    {
        object? holder = Wrapping.Unwrap(item);
        switch (holder)
        {
            case TcpConnectionChange change:
                return change.Connection;

            case PSCustomObject or TcpInfo when Read(PSObject.AsPSObject(item!)) is { } ends:
                return tables.Find(ends);

            default:
                return holder;
        }
    }

    /// <summary>A row that somebody made or read from a file, with its column KeepAlive as it is now, as text where it was
    /// text: a copy, for the row is the user's. One without the column stays itself.</summary>
    /// <param name="row">The row.</param>
    /// <param name="settings">The settings now.</param>
    internal static PSObject WithKeepAlive(PSObject row, TcpKeepAlive settings)
    {
        const string column = nameof(TcpConnection.KeepAlive);
        if (row.Properties[column] is not { } cell)
        {
            return row;
        }

        // What comes from CLIXML cannot be copied by Copy(), nor be set.
        PSObject copy = new();
        copy.TypeNames.Clear();
        foreach (string type in row.TypeNames)
        {
            copy.TypeNames.Add(type);
        }

        foreach (PSPropertyInfo property in row.Properties)
        {
            object? value = property.Name != cell.Name ? Value(property)
                : cell.Value is string ? settings.ToString() : settings;
            copy.Properties.Add(new PSNoteProperty(property.Name, value));
        }

        return copy;
    }

    // A property that is computed may fail.
    private static object? Value(PSPropertyInfo property)
    {
        try
        {
            return property.Value;
        }
        catch (GetValueException)
        {
            return null;
        }
    }

    private static ConnectionEnds? Read(PSObject row)
    {
        return row.Properties["PSComputerName"] is null
            && Text(row, "LocalAddress") is { } localAddress && Text(row, "RemoteAddress") is { } remoteAddress
            && Text(row, "LocalPort") is { } localPort && Text(row, "RemotePort") is { } remotePort
            ? new ConnectionEnds(
                localAddress, (int)Number("LocalPort", localPort, ushort.MaxValue),
                remoteAddress, (int)Number("RemotePort", remotePort, ushort.MaxValue),
                Text(row, "NetworkNamespace"),
                Text(row, "Cookie") is { } cookie ? Number("Cookie", cookie, ulong.MaxValue) : null)
            : null;
    }

    private static string? Text(PSObject row, string name) =>
        row.Properties[name]?.Value?.ToString() is { Length: > 0 } text ? text : null;

    private static ulong Number(string property, string text, ulong maximum) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) && number <= maximum
            ? number
            : throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture,
                $"{property}: '{VisibleText.Brief(text)}' is no number that is accepted in a row: 0 to {maximum}."));
}
