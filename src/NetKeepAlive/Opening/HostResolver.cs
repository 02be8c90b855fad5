using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Interop;

namespace NetKeepAlive.Opening;

/// <summary>The addresses of hosts, by the system's resolver.</summary>
internal static class HostResolver
{
    /// <summary>The first address of a name or literal, as it is to be listened on.</summary>
    /// <exception cref="HostNotFoundException">It has none.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    internal static IPAddress First(string name, CancellationToken cancellationToken) =>
        All(name, cancellationToken)[0];

    /// <summary>The addresses of a name or literal, in the resolver's order.</summary>
    /// <exception cref="HostNotFoundException">It has none.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    internal static IReadOnlyList<IPAddress> All(string name, CancellationToken cancellationToken) =>
        Task.Run(() => ResolveAsync([name], cancellationToken), CancellationToken.None).GetAwaiter().GetResult()
            .Select(static it => it.Address)
            .ToList();

    /// <summary>The addresses of names, in the resolver's order, each with its name. Addresses among the names are
    /// taken as they are. A name without an address is passed over where another has one.</summary>
    /// <exception cref="HostNotFoundException">No name has an address.</exception>
    internal static async Task<IReadOnlyList<(IPAddress Address, string Name)>> ResolveAsync(
        IEnumerable<string> names, CancellationToken cancellationToken)
    {
        List<(IPAddress Address, string Name)> found = [];
        List<HostNotFoundException> failures = [];
        foreach (string name in names)
        {
            try
            {
                IPAddress[] own = await ResolveAsync(name, cancellationToken).ConfigureAwait(false);
                found.AddRange(own.Select(it => (it, name)));
            }
            catch (HostNotFoundException failure)
            {
                failures.Add(failure);
            }
        }

        return found.Count > 0 ? found.DistinctBy(static it => it.Address).ToList()
            : throw (failures.Count == 1
                ? failures[0]
                : new HostNotFoundException(string.Join(" ", failures.Select(static it => it.Message)), failures[0]));
    }

    private static async Task<IPAddress[]> ResolveAsync(string name, CancellationToken cancellationToken)
    {
        if (IPLiteral.TryParse(name, out IPAddress literal))
        {
            return [literal];
        }

        if (name.Length == 0)
        {
            // .NET takes it for this machine.
            throw new HostNotFoundException("The name of the host is empty.");
        }

        try
        {
            // .NET asks the resolver on a thread that cannot be stopped, so this stops waiting for it.
            return await Dns.GetHostAddressesAsync(name, cancellationToken).WaitAsync(cancellationToken)
                .ConfigureAwait(false);
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.HostNotFound
            or SocketError.NoData or SocketError.TryAgain or SocketError.NoRecovery)
        {
            throw new HostNotFoundException(
                $"'{VisibleText.Brief(name)}' has no address: {error.Message}. Check its spelling and the resolver of this "
                + "machine.", error);
        }
        catch (ArgumentException error)
        {
            throw new HostNotFoundException($"'{VisibleText.Brief(name)}' is no name of a host: {error.Message}", error);
        }
    }
}
