using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using Microsoft.Win32.SafeHandles;
using NetKeepAlive.Addresses;
using NetKeepAlive.Interop;
using NetKeepAlive.Tables;

namespace NetKeepAlive.Policies;

/// <summary>What became of the live connections of a policy.</summary>
/// <param name="Set">How many got its settings.</param>
/// <param name="Failed">How many could not be reached, or refused.</param>
/// <param name="FirstError">Why the first of those did not.</param>
internal sealed record ExistingResult(long Set, long Failed, NativeSocketException? FirstError);

/// <summary>Sets the live connections of the processes of a control group, in whichever network namespace they are, as a
/// policy sets those to come.</summary>
internal sealed class ExistingConnections(PolicyRules rules, TcpKeepAlive settings, ControlGroup group)
{
    // The states in which keep-alive does anything.
    private static readonly TcpConnectionState[] Live = [TcpConnectionState.Established, TcpConnectionState.CloseWait];

    private readonly Dictionary<string, HashSet<int>> _listening = [];

    /// <summary>Sets them.</summary>
    /// <param name="token">Ends it.</param>
    /// <exception cref="NativeSocketException">The kernel does not list connections.</exception>
    internal ExistingResult Set(CancellationToken token)
    {
        (long set, long failed, NativeSocketException? first) = (0, 0, null);
        using SocketTables tables = new() { Unreachable = error => first ??= error };
        foreach (TcpConnection connection in Listed(tables, token))
        {
            try
            {
                set += IsCovered(connection, tables, token) && TrySet(connection, tables) ? 1 : 0;
            }
            catch (NativeSocketException gone) when (gone.Is(Errno.EBADF) || gone.Is(Errno.ENOTCONN))
            {
                // It has ended meanwhile.
            }
            catch (NativeSocketException error)
            {
                failed++;
                first ??= error;
            }
        }

        return new ExistingResult(set, failed, first);
    }

    private List<TcpConnection> Listed(SocketTables tables, CancellationToken token)
    {
        bool isWhole = group.Path == "/";
        int[] processes = isWhole ? [] : Processes();
        TcpConnectionFilter filter = new()
        {
            State = Live,
            Processes = new ProcessFilter { Ids = processes },
            Networks = isWhole ? NetNamespace.All() : [],
        };
        // No process, no connection; to the tables that would mean all.
        return isWhole || processes.Length > 0
            ? tables.List(filter, token).Where(static it => it.Inode != 0).ToList()
            : [];
    }

    private int[] Processes()
    {
        ControlGroupTree? tree = ControlGroupTree.Find();
        return (tree?.Within(group) ?? []).SelectMany(static it => Members(it)).Distinct().ToArray();
    }

    private static IEnumerable<int> Members(ControlGroup group)
    {
        try
        {
            return File.ReadAllLines($"{group.Folder}/cgroup.procs")
                .Select(static it => int.Parse(it, CultureInfo.InvariantCulture))
                .Where(static it => it > 0);
        }
        catch (IOException)
        {
            // Removed meanwhile, or a group of threads only.
            return [];
        }
    }

    private bool IsCovered(TcpConnection connection, SocketTables tables, CancellationToken token)
    {
        AddressPrefix remote = new(connection.RemoteIPAddress.MapToIPv6().GetAddressBytes(), AddressPrefix.Bits);
        return Covers(rules.LocalPort, connection.LocalPort)
            && Covers(rules.RemotePort, connection.RemotePort)
            && AddressTrie.Covers(rules.RemoteAddress, remote)
            && (rules.Direction is ConnectionDirection.Both
                || rules.Direction is ConnectionDirection.Inbound == Listening(connection, tables, token)
                    .Contains(connection.LocalPort));
    }

    private static bool Covers(IReadOnlyList<PortRange> ranges, int port) =>
        ranges.Count == 0 || ranges.Any(it => it.Contains(port));

    // The ports that somebody listens on in the connection's namespace.
    private HashSet<int> Listening(TcpConnection connection, SocketTables tables, CancellationToken token)
    {
        string name = connection.NetworkNamespace ?? string.Empty;
        if (!_listening.TryGetValue(name, out HashSet<int>? ports))
        {
            TcpConnectionFilter listeners = new()
            {
                State = [TcpConnectionState.Listen],
                Networks = [connection.Network],
            };
            ports = tables.Read(listeners, token).Select(static it => it.LocalPort).ToHashSet();
            _listening.Add(name, ports);
        }

        return ports;
    }

    private bool TrySet(TcpConnection connection, SocketTables tables)
    {
        using SafeFileHandle socket = tables.Open(connection);
        if (!rules.Override && TcpKeepAlive.Read(socket).Enabled is true)
        {
            return false;
        }

        settings.ApplyWhatFits(socket);
        return true;
    }
}
