using System.Net.NetworkInformation;

namespace NetKeepAlive.Interop.Netlink;

/// <summary>The kernel's states and .NET's: the same names as Windows', other numbers.</summary>
internal static class KernelState
{
    /// <summary>A bit for every state that is asked for when nobody names one.</summary>
    internal const uint All = (1u << (NetlinkAbi.StateNewSynReceived + 1)) - 2;

    /// <summary>The kernel's number as .NET's state.</summary>
    internal static TcpState ToTcpState(byte state) => state switch
    {
        NetlinkAbi.StateEstablished => TcpState.Established,
        NetlinkAbi.StateSynSent => TcpState.SynSent,
        NetlinkAbi.StateSynReceived or NetlinkAbi.StateNewSynReceived => TcpState.SynReceived,
        NetlinkAbi.StateFinWait1 => TcpState.FinWait1,
        NetlinkAbi.StateFinWait2 => TcpState.FinWait2,
        NetlinkAbi.StateTimeWait => TcpState.TimeWait,
        NetlinkAbi.StateClose or NetlinkAbi.StateBoundInactive => TcpState.Closed,
        NetlinkAbi.StateCloseWait => TcpState.CloseWait,
        NetlinkAbi.StateLastAck => TcpState.LastAck,
        NetlinkAbi.StateListen => TcpState.Listen,
        NetlinkAbi.StateClosing => TcpState.Closing,
        _ => TcpState.Unknown,
    };

    /// <summary>The bits that ask the kernel for a state; 0 for one that it does not have.</summary>
    internal static uint ToBits(TcpState state) => state switch
    {
        TcpState.Established => 1u << NetlinkAbi.StateEstablished,
        TcpState.SynSent => 1u << NetlinkAbi.StateSynSent,
        TcpState.SynReceived => (1u << NetlinkAbi.StateSynReceived) | (1u << NetlinkAbi.StateNewSynReceived),
        TcpState.FinWait1 => 1u << NetlinkAbi.StateFinWait1,
        TcpState.FinWait2 => 1u << NetlinkAbi.StateFinWait2,
        TcpState.TimeWait => 1u << NetlinkAbi.StateTimeWait,
        TcpState.Closed => (1u << NetlinkAbi.StateClose) | (1u << NetlinkAbi.StateBoundInactive),
        TcpState.CloseWait => 1u << NetlinkAbi.StateCloseWait,
        TcpState.LastAck => 1u << NetlinkAbi.StateLastAck,
        TcpState.Listen => 1u << NetlinkAbi.StateListen,
        TcpState.Closing => 1u << NetlinkAbi.StateClosing,
        _ => 0,
    };
}
