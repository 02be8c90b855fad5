using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using NetKeepAlive.PowerShell.Formatting;
using NetKeepAlive.Tables;

namespace NetKeepAlive.PowerShell.Input;

/// <summary>Completes from the connections that there are now.</summary>
public abstract class ConnectionCompleter : ListCompleter
{
    /// <inheritdoc/>
    protected sealed override IEnumerable<(string Word, string Tip)> Words
    {
        get
        {
            try
            {
                using SocketTables tables = new();
                return WordsOf(tables).DistinctBy(static it => it.Word).ToList();
            }
            catch (Exception none) when (none is PlatformNotSupportedException or NativeSocketException)
            {
                return [];
            }
        }
    }

    /// <summary>The words, some of them more than once.</summary>
    private protected abstract IEnumerable<(string Word, string Tip)> WordsOf(SocketTables tables);

    /// <summary>The connections without owners, which take longer to look up.</summary>
    private protected static IEnumerable<TcpConnection> Rows(SocketTables tables) =>
        tables.Read(new TcpConnectionFilter(), default);
}

/// <summary>Completes the ports that are in use: listeners' first.</summary>
public sealed class ConnectionPortCompleter : ConnectionCompleter
{
    private protected override IEnumerable<(string Word, string Tip)> WordsOf(SocketTables tables) => Rows(tables)
        .OrderBy(static row => row.IsListener ? 0 : 1)
        .Select(static row => (row.LocalPort.ToString(CultureInfo.InvariantCulture), $"{row} ({row.State})"));
}

/// <summary>Completes the ports of peers, those that most connections have first.</summary>
public sealed class RemotePortCompleter : ConnectionCompleter
{
    private protected override IEnumerable<(string Word, string Tip)> WordsOf(SocketTables tables) => Rows(tables)
        .Where(static row => !row.IsListener)
        .GroupBy(static row => row.RemotePort)
        .OrderByDescending(static group => group.Count())
        .Select(static group => (group.Key.ToString(CultureInfo.InvariantCulture), $"{group.First()}"));
}

/// <summary>Completes the ports of UDP sockets.</summary>
public sealed class UdpPortCompleter : ConnectionCompleter
{
    private protected override IEnumerable<(string Word, string Tip)> WordsOf(SocketTables tables) => tables
        .ListUdp(new TcpConnectionFilter(), default)
        .Select(static row => (row.LocalPort.ToString(CultureInfo.InvariantCulture), $"{row}"));
}

/// <summary>Completes the addresses of peers.</summary>
public sealed class RemoteAddressCompleter : ConnectionCompleter
{
    private protected override IEnumerable<(string Word, string Tip)> WordsOf(SocketTables tables) => Rows(tables)
        .Where(static row => !row.IsListener)
        .Select(static row => Cell.WithoutMapping(row.RemoteAddress))
        .Select(static address => (address, address));
}

/// <summary>Completes the ids of processes that hold TCP sockets, by id and by name.</summary>
public sealed class OwningProcessCompleter : ConnectionCompleter
{
    /// <inheritdoc/>
    protected override bool Fits(string word, string tip, string begun) =>
        base.Fits(word, tip, begun) || tip.StartsWith(begun, StringComparison.OrdinalIgnoreCase);

    private protected override IEnumerable<(string Word, string Tip)> WordsOf(SocketTables tables) => tables
        .List(new TcpConnectionFilter())
        .Where(static row => row.OwningProcess is not null)
        .Select(static row => (
            row.OwningProcess!.Value.ToString(CultureInfo.InvariantCulture),
            $"{row.OwningProcessName} ({row.OwningProcess})"));
}

/// <summary>Completes the names of processes that hold TCP sockets.</summary>
public sealed class OwningProcessNameCompleter : ConnectionCompleter
{
    private protected override IEnumerable<(string Word, string Tip)> WordsOf(SocketTables tables) => tables
        .List(new TcpConnectionFilter())
        .Where(static row => row.OwningProcessName is not null)
        .Select(static row => (row.OwningProcessName!, row.OwningProcessName!));
}

/// <summary>Completes network namespaces.</summary>
public sealed class NetworkNamespaceCompleter : ListCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Word, string Tip)> Words => Interop.CurrentPlatform.Value is Interop.Platform.Linux
        ? NetNamespace.All().Where(static it => it is not null).Select(static it => (it!.Name, it.Path)).Prepend(("*", "all"))
        : [];
}
