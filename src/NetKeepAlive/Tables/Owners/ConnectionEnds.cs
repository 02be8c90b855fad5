using System;
using System.Globalization;
using System.Net;
using NetKeepAlive.Addresses;
using NetKeepAlive.Interop;

namespace NetKeepAlive.Tables;

/// <summary>The two ends of a connection as a row gives them.</summary>
/// <param name="LocalAddress">This side's address.</param>
/// <param name="LocalPort">This side's port.</param>
/// <param name="RemoteAddress">The peer's address.</param>
/// <param name="RemotePort">The peer's port.</param>
/// <param name="NetworkNamespace">The network namespace; null for the own.</param>
/// <param name="Cookie">The kernel's number of the socket; null where the row has none.</param>
internal sealed record ConnectionEnds(
    string LocalAddress, int LocalPort, string RemoteAddress, int RemotePort, string? NetworkNamespace, ulong? Cookie)
{
    /// <summary>The filter that only this connection meets.</summary>
    /// <exception cref="ArgumentException">An address is none, or a pattern; or all network namespaces are named.</exception>
    /// <exception cref="NativeSocketException">There is no such network namespace.</exception>
    internal TcpConnectionFilter ToFilter() => new()
    {
        LocalAddress = [Literal(nameof(LocalAddress), LocalAddress)],
        LocalPort = [ServiceNames.One(LocalPort)],
        RemoteAddress = [Literal(nameof(RemoteAddress), RemoteAddress)],
        RemotePort = [ServiceNames.One(RemotePort)],
        Networks = NetworkNamespace switch
        {
            null => [null],
            "*" => throw new ArgumentException(
                $"{nameof(NetworkNamespace)}: '*' is all of them: accepted in a row is one, by its name, its path or the id of "
                + "a process."),
            _ => NetNamespace.Find(NetworkNamespace, out _),
        },
    };

    /// <summary>In words.</summary>
    public override string ToString() => $"{Text(LocalAddress, LocalPort)} -> {Text(RemoteAddress, RemotePort)}";

    // A pattern would find a connection that nobody meant, to be set or ended.
    private static AddressPattern Literal(string property, string address)
    {
        if (IPLiteral.VersionOf(address) == 0)
        {
            throw new ArgumentException(
                $"{property}: '{VisibleText.Brief(address)}' is no address: accepted in a row is one IP address, as in "
                + "10.0.0.1, ::1 or fe80::1%eth0.");
        }

        try
        {
            return AddressPattern.Parse(address);
        }
        catch (FormatException unfit)
        {
            throw new ArgumentException($"{property}: {unfit.Message}", unfit);
        }
    }

    private static string Text(string address, int port) => IPAddress.TryParse(address, out IPAddress? ip)
        && port is >= IPEndPoint.MinPort and <= IPEndPoint.MaxPort
        ? SocketName.Text(new IPEndPoint(ip, port))
        : string.Create(CultureInfo.InvariantCulture, $"{VisibleText.Escape(address)}:{port}");
}
