using System;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using NetKeepAlive.Addresses;
using NetKeepAlive.Tables;

namespace NetKeepAlive.Probing;

/// <summary>Connects once more to where a silent connection leads, and closes at once. Not done where this side was the
/// server: its clients accept nothing.</summary>
internal sealed class SecondConnection : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task<bool> _attempt;

    private SecondConnection(IPEndPoint local, IPEndPoint remote, NetNamespace? network) =>
        _attempt = ConnectAsync(local, remote, network, _stop.Token);

    /// <summary>Did the host accept it, as far as is known by now?</summary>
    internal bool Succeeded => _attempt is { IsCompletedSuccessfully: true, Result: true };

    /// <summary>Begins to connect.</summary>
    /// <param name="local">This side's address and port.</param>
    /// <param name="remote">Where to.</param>
    /// <param name="network">The network namespace of the silent connection; null is this process's own.</param>
    /// <returns>Null where there is nothing to connect to.</returns>
    internal static SecondConnection? Start(IPEndPoint? local, IPEndPoint? remote, NetNamespace? network = null) =>
        local is null || remote is null || IsServer(local, network)
            ? null
            : new SecondConnection(local, remote, network);

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private static bool IsServer(IPEndPoint local, NetNamespace? network)
    {
        TcpConnectionFilter listeners = new()
        {
            LocalPort = [ServiceNames.One(local.Port)],
            State = [TcpConnectionState.Listen],
            Networks = [network],
        };
        using SocketTables tables = new();
        return tables.Read(listeners, CancellationToken.None).Any();
    }

    private static async Task<bool> ConnectAsync(
        IPEndPoint local, IPEndPoint remote, NetNamespace? network, CancellationToken token)
    {
        try
        {
            // A socket stays in the namespace that it was made in, whoever uses it.
            using Socket socket = network is null ? Make(remote) : network.Run(() => Make(remote));
            if (remote.Address.IsIPv4MappedToIPv6)
            {
                socket.DualMode = true;
            }

            // From the same address, so that it takes the same path.
            socket.Bind(new IPEndPoint(local.Address, 0));
            await socket.ConnectAsync(remote, token).ConfigureAwait(false);
            return true;
        }
        catch (Exception silent) when (silent is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            return false;
        }
    }

    private static Socket Make(IPEndPoint remote) => new(remote.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
}
