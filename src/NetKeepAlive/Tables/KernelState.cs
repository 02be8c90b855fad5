using NetKeepAlive.Interop.Netlink;

namespace NetKeepAlive.Tables;

/// <summary>The kernel's states and ours: the same names as Windows', other numbers.</summary>
internal static class KernelState
{
    /// <summary>A bit for every state that is asked for when nobody names one.</summary>
    internal const uint All = (1u << (NetlinkAbi.StateNewSynReceived + 1)) - 2;

    /// <summary>The kernel's number as our state.</summary>
    internal static TcpConnectionState FromKernel(byte state) => state switch
    {
        NetlinkAbi.StateEstablished => TcpConnectionState.Established,
        NetlinkAbi.StateSynSent => TcpConnectionState.SynSent,
        NetlinkAbi.StateSynReceived or NetlinkAbi.StateNewSynReceived => TcpConnectionState.SynReceived,
        NetlinkAbi.StateFinWait1 => TcpConnectionState.FinWait1,
        NetlinkAbi.StateFinWait2 => TcpConnectionState.FinWait2,
        NetlinkAbi.StateTimeWait => TcpConnectionState.TimeWait,
        NetlinkAbi.StateClose or NetlinkAbi.StateBoundInactive => TcpConnectionState.Closed,
        NetlinkAbi.StateCloseWait => TcpConnectionState.CloseWait,
        NetlinkAbi.StateLastAck => TcpConnectionState.LastAck,
        NetlinkAbi.StateListen => TcpConnectionState.Listen,
        NetlinkAbi.StateClosing => TcpConnectionState.Closing,
        _ => TcpConnectionState.Unknown,
    };

    /// <summary>The bits that ask the kernel for a state; 0 for one that it does not have.</summary>
    internal static uint ToBits(TcpConnectionState state) => state switch
    {
        TcpConnectionState.Established => 1u << NetlinkAbi.StateEstablished,
        TcpConnectionState.SynSent => 1u << NetlinkAbi.StateSynSent,
        TcpConnectionState.SynReceived => (1u << NetlinkAbi.StateSynReceived) | (1u << NetlinkAbi.StateNewSynReceived),
        TcpConnectionState.FinWait1 => 1u << NetlinkAbi.StateFinWait1,
        TcpConnectionState.FinWait2 => 1u << NetlinkAbi.StateFinWait2,
        TcpConnectionState.TimeWait => 1u << NetlinkAbi.StateTimeWait,
        TcpConnectionState.Closed => (1u << NetlinkAbi.StateClose) | (1u << NetlinkAbi.StateBoundInactive),
        TcpConnectionState.CloseWait => 1u << NetlinkAbi.StateCloseWait,
        TcpConnectionState.LastAck => 1u << NetlinkAbi.StateLastAck,
        TcpConnectionState.Listen => 1u << NetlinkAbi.StateListen,
        TcpConnectionState.Closing => 1u << NetlinkAbi.StateClosing,
        _ => 0,
    };
}
