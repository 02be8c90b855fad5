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
    /// <exception cref="ArgumentException">An address or a port is none.</exception>
    /// <exception cref="NativeSocketException">There is no such network namespace.</exception>
    internal TcpConnectionFilter ToFilter()
    {
        try
        {
            return new TcpConnectionFilter
            {
                LocalAddress = [AddressPattern.Parse(LocalAddress)],
                LocalPort = [ServiceNames.One(LocalPort)],
                RemoteAddress = [AddressPattern.Parse(RemoteAddress)],
                RemotePort = [ServiceNames.One(RemotePort)],
                Networks = NetworkNamespace is null ? [null] : NetNamespace.Find(NetworkNamespace, out _),
            };
        }
        catch (FormatException error)
        {
            throw new ArgumentException(error.Message, error);
        }
    }

    /// <summary>In words.</summary>
    public override string ToString() => $"{Text(LocalAddress, LocalPort)} -> {Text(RemoteAddress, RemotePort)}";

    private static string Text(string address, int port) => IPAddress.TryParse(address, out IPAddress? ip)
        && port is >= IPEndPoint.MinPort and <= IPEndPoint.MaxPort
        ? SocketName.Text(new IPEndPoint(ip, port))
        : string.Create(CultureInfo.InvariantCulture, $"{VisibleText.Escape(address)}:{port}");
}
