using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.NetworkInformation;
using NetKeepAlive.Interop.Netlink;

namespace NetKeepAlive.Tables;

/// <summary>The system's sockets as .NET lists them, for where there is no sock_diag(7): addresses, ports and states;
/// whose they are <see cref="RuntimeOwners"/> finds.</summary>
internal static class RuntimeTable
{
    /// <summary>The rows that a filter asks for.</summary>
    internal static IEnumerable<DiagRecord> Read(TcpConnectionFilter filter, int protocol)
    {
        IPGlobalProperties system = IPGlobalProperties.GetIPGlobalProperties();
        return (protocol == NetlinkAbi.ProtocolTcp ? Tcp(system) : Udp(system))
            .Where(record => (filter.States & (1u << record.State)) != 0
                && filter.CanMatch(record.IsIPv6) && filter.Matches(record));
    }

    private static IEnumerable<DiagRecord> Tcp(IPGlobalProperties system) =>
        system.GetActiveTcpListeners()
            .Select(static it => DiagRecord.Of(it, Any(it), NetlinkAbi.StateListen))
            .Concat(system.GetActiveTcpConnections()
                .Where(static it => it.State is not TcpState.Listen)
                .Select(static it => DiagRecord.Of(it.LocalEndPoint, it.RemoteEndPoint, ToKernel(it.State))));

    private static IEnumerable<DiagRecord> Udp(IPGlobalProperties system) =>
        system.GetActiveUdpListeners().Select(static it => DiagRecord.Of(it, Any(it), NetlinkAbi.StateClose));

    private static IPEndPoint Any(IPEndPoint local) => new(
        local.AddressFamily is System.Net.Sockets.AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);

    private static byte ToKernel(TcpState state) => state switch
    {
        TcpState.Established => NetlinkAbi.StateEstablished,
        TcpState.SynSent => NetlinkAbi.StateSynSent,
        TcpState.SynReceived => NetlinkAbi.StateSynReceived,
        TcpState.FinWait1 => NetlinkAbi.StateFinWait1,
        TcpState.FinWait2 => NetlinkAbi.StateFinWait2,
        TcpState.TimeWait => NetlinkAbi.StateTimeWait,
        TcpState.CloseWait => NetlinkAbi.StateCloseWait,
        TcpState.LastAck => NetlinkAbi.StateLastAck,
        TcpState.Closing => NetlinkAbi.StateClosing,
        _ => NetlinkAbi.StateClose,
    };
}
