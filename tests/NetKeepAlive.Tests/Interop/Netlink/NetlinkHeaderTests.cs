using System.Globalization;
using System.Text;
using NetKeepAlive.Interop;
using NetKeepAlive.Interop.Linux;
using NetKeepAlive.Interop.Netlink;
using Xunit;

namespace NetKeepAlive.Tests.Interop.Netlink;

/// <summary>The numbers and layouts of netlink, sock_diag and tcp_info against the kernel's headers.</summary>
public sealed class NetlinkHeaderTests
{
    private const string Headers = """
        #define _GNU_SOURCE
        #include <stddef.h>
        #include <dirent.h>
        #include <fcntl.h>
        #include <sys/socket.h>
        #include <netinet/in.h>
        #include <linux/netlink.h>
        #include <linux/rtnetlink.h>
        #include <linux/sock_diag.h>
        #include <linux/inet_diag.h>
        #include <linux/unix_diag.h>
        #include <linux/tcp.h>
        #include <linux/bpf.h>
        """;

    [Fact]
    public void Numbers_are_those_of_the_headers()
    {
        Assert.SkipUnless(CurrentPlatform.Value is Platform.Linux, "Linux only");
        StringBuilder source = new(Headers);
        foreach ((string name, int value) in ((string, int)[])
        [
            ("AF_NETLINK", NetlinkAbi.AfNetlink),
            ("SOCK_RAW", NetlinkAbi.SockRaw),
            ("NETLINK_SOCK_DIAG", NetlinkAbi.NetlinkSockDiag),
            ("IPPROTO_TCP", NetlinkAbi.ProtocolTcp),
            ("NLMSG_NOOP", NetlinkAbi.MessageNoop),
            ("NLMSG_ERROR", NetlinkAbi.MessageError),
            ("NLMSG_DONE", NetlinkAbi.MessageDone),
            ("NLM_F_REQUEST", NetlinkAbi.FlagRequest),
            ("NLM_F_ACK", NetlinkAbi.FlagAck),
            ("NLM_F_DUMP_INTR", NetlinkAbi.FlagDumpInterrupted),
            ("NLM_F_DUMP", NetlinkAbi.FlagDump),
            ("NLMSG_ALIGNTO", NetlinkAbi.Alignment),
            ("NLA_TYPE_MASK & 0xffff", NetlinkAbi.AttributeTypeMask),
            ("SOCK_DIAG_BY_FAMILY", NetlinkAbi.SockDiagByFamily),
            ("SOCK_DESTROY", NetlinkAbi.SockDestroy),
            ("INET_DIAG_REQ_BYTECODE", NetlinkAbi.RequestBytecode),
            ("INET_DIAG_INFO", NetlinkAbi.ExtensionInfo),
            ("INET_DIAG_SKMEMINFO", NetlinkAbi.ExtensionMemory),
            ("SK_MEMINFO_DROPS * sizeof(__u32)", NetlinkAbi.MemoryDrops),
            ("INET_DIAG_ULP_INFO", NetlinkAbi.ExtensionUpperLayer),
            ("INET_ULP_INFO_NAME", NetlinkAbi.UpperLayerName),
            ("IPPROTO_UDP", NetlinkAbi.ProtocolUdp),
            ("1 << (SKNLGRP_INET_TCP_DESTROY - 1)", (int)NetlinkAbi.GroupTcpDestroy),
            ("1 << (SKNLGRP_INET6_TCP_DESTROY - 1)", (int)NetlinkAbi.GroupTcp6Destroy),
            ("UDIAG_SHOW_NAME", (int)NetlinkAbi.UnixShowName),
            ("UDIAG_SHOW_PEER", (int)NetlinkAbi.UnixShowPeer),
            ("UDIAG_SHOW_ICONS", (int)NetlinkAbi.UnixShowConnecting),
            ("UDIAG_SHOW_RQLEN", (int)NetlinkAbi.UnixShowQueues),
            ("UDIAG_SHOW_UID", (int)NetlinkAbi.UnixShowUser),
            ("SOCK_STREAM", NetlinkAbi.UnixTypeStream),
            ("SOCK_DGRAM", NetlinkAbi.UnixTypeDatagram),
            ("UNIX_DIAG_NAME", NetlinkAbi.UnixName),
            ("UNIX_DIAG_PEER", NetlinkAbi.UnixPeer),
            ("UNIX_DIAG_ICONS", NetlinkAbi.UnixConnecting),
            ("UNIX_DIAG_RQLEN", NetlinkAbi.UnixQueues),
            ("UNIX_DIAG_UID", NetlinkAbi.UnixUser),
            ("BPF_TCP_ESTABLISHED", NetlinkAbi.StateEstablished),
            ("BPF_TCP_SYN_SENT", NetlinkAbi.StateSynSent),
            ("BPF_TCP_SYN_RECV", NetlinkAbi.StateSynReceived),
            ("BPF_TCP_FIN_WAIT1", NetlinkAbi.StateFinWait1),
            ("BPF_TCP_FIN_WAIT2", NetlinkAbi.StateFinWait2),
            ("BPF_TCP_TIME_WAIT", NetlinkAbi.StateTimeWait),
            ("BPF_TCP_CLOSE", NetlinkAbi.StateClose),
            ("BPF_TCP_CLOSE_WAIT", NetlinkAbi.StateCloseWait),
            ("BPF_TCP_LAST_ACK", NetlinkAbi.StateLastAck),
            ("BPF_TCP_LISTEN", NetlinkAbi.StateListen),
            ("BPF_TCP_CLOSING", NetlinkAbi.StateClosing),
            ("BPF_TCP_NEW_SYN_RECV", NetlinkAbi.StateNewSynReceived),
            ("INET_DIAG_BC_S_GE", NetlinkAbi.OperationSourceAtLeast),
            ("INET_DIAG_BC_S_LE", NetlinkAbi.OperationSourceAtMost),
            ("INET_DIAG_BC_D_GE", NetlinkAbi.OperationDestinationAtLeast),
            ("INET_DIAG_BC_D_LE", NetlinkAbi.OperationDestinationAtMost),
            ("INET_DIAG_BC_JMP", NetlinkAbi.OperationJump),
            ("INET_DIAG_BC_S_COND", NetlinkAbi.OperationSourceCondition),
            ("INET_DIAG_BC_D_COND", NetlinkAbi.OperationDestinationCondition),
            ("SO_COOKIE", SocketCookie.Option),
            ("TCP_INFO", TcpInfoLayout.Option),
            ("offsetof(struct dirent, d_name)", Libc.DirentName),
        ])
        {
            AssertEqual(source, name, value);
        }

        CCompiler.MustCompile(source.ToString());
    }

    [Fact]
    public void Layouts_are_those_of_the_headers()
    {
        Assert.SkipUnless(CurrentPlatform.Value is Platform.Linux, "Linux only");
        StringBuilder source = new(Headers);
        AssertEqual(source, "sizeof(struct nlmsghdr)", NetlinkAbi.HeaderSize);
        AssertEqual(source, "sizeof(struct nlattr)", NetlinkAbi.AttributeHeaderSize);
        AssertEqual(source, "sizeof(struct inet_diag_req_v2)", NetlinkAbi.RequestSize);
        AssertEqual(source, "sizeof(struct inet_diag_sockid)", NetlinkAbi.IdSize);
        AssertEqual(source, "sizeof(struct inet_diag_msg)", NetlinkAbi.RecordSize);
        AssertEqual(source, "sizeof(struct inet_diag_bc_op)", NetlinkAbi.OperationSize);
        AssertEqual(source, "sizeof(struct inet_diag_hostcond)", NetlinkAbi.HostConditionSize);
        AssertEqual(source, "2 * sizeof(struct inet_diag_bc_op)", NetlinkAbi.PortComparisonSize);
        AssertEqual(source, "sizeof(struct sockaddr_nl)", NetlinkAbi.AddressSize);
        AssertEqual(source, "sizeof(struct unix_diag_req)", NetlinkAbi.UnixRequestSize);
        AssertEqual(source, "sizeof(struct unix_diag_msg)", NetlinkAbi.UnixRecordSize);
        AssertEqual(source, "sizeof(((struct inet_diag_sockid *)0)->idiag_cookie)", sizeof(ulong));
        foreach ((string type, string field, int offset) in ((string, string, int)[])
        [
            ("nlmsghdr", "nlmsg_type", NetlinkAbi.HeaderType),
            ("nlmsghdr", "nlmsg_flags", NetlinkAbi.HeaderFlags),
            ("nlmsghdr", "nlmsg_seq", NetlinkAbi.HeaderSequence),
            ("inet_diag_req_v2", "sdiag_protocol", NetlinkAbi.RequestProtocol),
            ("inet_diag_req_v2", "idiag_ext", NetlinkAbi.RequestExtensions),
            ("inet_diag_req_v2", "idiag_states", NetlinkAbi.RequestStates),
            ("inet_diag_req_v2", "id", NetlinkAbi.RequestId),
            ("inet_diag_sockid", "idiag_sport", NetlinkAbi.IdSourcePort),
            ("inet_diag_sockid", "idiag_dport", NetlinkAbi.IdDestinationPort),
            ("inet_diag_sockid", "idiag_src", NetlinkAbi.IdSource),
            ("inet_diag_sockid", "idiag_dst", NetlinkAbi.IdDestination),
            ("inet_diag_sockid", "idiag_if", NetlinkAbi.IdInterface),
            ("inet_diag_sockid", "idiag_cookie", NetlinkAbi.IdCookie),
            ("inet_diag_msg", "idiag_family", NetlinkAbi.RecordFamily),
            ("inet_diag_msg", "idiag_state", NetlinkAbi.RecordState),
            ("inet_diag_msg", "idiag_timer", NetlinkAbi.RecordTimer),
            ("inet_diag_msg", "idiag_retrans", NetlinkAbi.RecordRetransmits),
            ("inet_diag_msg", "id", NetlinkAbi.RecordId),
            ("inet_diag_msg", "idiag_expires", NetlinkAbi.RecordExpires),
            ("inet_diag_msg", "idiag_rqueue", NetlinkAbi.RecordReceiveQueue),
            ("inet_diag_msg", "idiag_wqueue", NetlinkAbi.RecordSendQueue),
            ("inet_diag_msg", "idiag_uid", NetlinkAbi.RecordUser),
            ("inet_diag_msg", "idiag_inode", NetlinkAbi.RecordInode),
            ("inet_diag_hostcond", "port", NetlinkAbi.HostConditionPort),
            ("sockaddr_nl", "nl_groups", NetlinkAbi.AddressGroups),
            ("unix_diag_req", "udiag_states", NetlinkAbi.UnixRequestStates),
            ("unix_diag_req", "udiag_show", NetlinkAbi.UnixRequestShow),
            ("unix_diag_req", "udiag_cookie", NetlinkAbi.UnixRequestCookie),
            ("unix_diag_msg", "udiag_type", NetlinkAbi.UnixRecordType),
            ("unix_diag_msg", "udiag_state", NetlinkAbi.UnixRecordState),
            ("unix_diag_msg", "udiag_ino", NetlinkAbi.UnixRecordInode),
            ("unix_diag_msg", "udiag_cookie", NetlinkAbi.UnixRecordCookie),
            ("inet_diag_hostcond", "addr", NetlinkAbi.HostConditionSize),
            ("tcp_info", "tcpi_state", TcpInfoLayout.State),
            ("tcp_info", "tcpi_ca_state", TcpInfoLayout.CongestionState),
            ("tcp_info", "tcpi_retransmits", TcpInfoLayout.Retransmits),
            ("tcp_info", "tcpi_probes", TcpInfoLayout.Probes),
            ("tcp_info", "tcpi_backoff", TcpInfoLayout.Backoff),
            ("tcp_info", "tcpi_rto", TcpInfoLayout.RetransmitTimeout),
            ("tcp_info", "tcpi_snd_mss", TcpInfoLayout.SendMaximumSegment),
            ("tcp_info", "tcpi_rcv_mss", TcpInfoLayout.ReceiveMaximumSegment),
            ("tcp_info", "tcpi_unacked", TcpInfoLayout.Unacknowledged),
            ("tcp_info", "tcpi_sacked", TcpInfoLayout.SelectivelyAcknowledged),
            ("tcp_info", "tcpi_lost", TcpInfoLayout.Lost),
            ("tcp_info", "tcpi_retrans", TcpInfoLayout.Retransmitted),
            ("tcp_info", "tcpi_last_data_sent", TcpInfoLayout.LastDataSent),
            ("tcp_info", "tcpi_last_data_recv", TcpInfoLayout.LastDataReceived),
            ("tcp_info", "tcpi_last_ack_recv", TcpInfoLayout.LastAckReceived),
            ("tcp_info", "tcpi_pmtu", TcpInfoLayout.PathMtu),
            ("tcp_info", "tcpi_rtt", TcpInfoLayout.RoundTripTime),
            ("tcp_info", "tcpi_rttvar", TcpInfoLayout.RoundTripVariation),
            ("tcp_info", "tcpi_snd_ssthresh", TcpInfoLayout.SlowStartThreshold),
            ("tcp_info", "tcpi_snd_cwnd", TcpInfoLayout.CongestionWindow),
            ("tcp_info", "tcpi_total_retrans", TcpInfoLayout.TotalRetransmits),
            ("tcp_info", "tcpi_pacing_rate", TcpInfoLayout.PacingRate),
            ("tcp_info", "tcpi_bytes_acked", TcpInfoLayout.BytesAcknowledged),
            ("tcp_info", "tcpi_bytes_received", TcpInfoLayout.BytesReceived),
            ("tcp_info", "tcpi_segs_out", TcpInfoLayout.SegmentsSent),
            ("tcp_info", "tcpi_segs_in", TcpInfoLayout.SegmentsReceived),
            ("tcp_info", "tcpi_notsent_bytes", TcpInfoLayout.NotSent),
            ("tcp_info", "tcpi_min_rtt", TcpInfoLayout.MinimumRoundTripTime),
            ("tcp_info", "tcpi_data_segs_in", TcpInfoLayout.DataSegmentsReceived),
            ("tcp_info", "tcpi_data_segs_out", TcpInfoLayout.DataSegmentsSent),
            ("tcp_info", "tcpi_delivery_rate", TcpInfoLayout.DeliveryRate),
            ("tcp_info", "tcpi_busy_time", TcpInfoLayout.BusyTime),
            ("tcp_info", "tcpi_rwnd_limited", TcpInfoLayout.ReceiveWindowLimited),
            ("tcp_info", "tcpi_sndbuf_limited", TcpInfoLayout.SendBufferLimited),
            ("tcp_info", "tcpi_bytes_sent", TcpInfoLayout.BytesSent),
            ("tcp_info", "tcpi_bytes_retrans", TcpInfoLayout.BytesRetransmitted),
            ("tcp_info", "tcpi_snd_wnd", TcpInfoLayout.SendWindow),
        ])
        {
            AssertEqual(source, $"offsetof(struct {type}, {field})", offset);
        }

        CCompiler.MustCompile(source.ToString());
    }

    private static void AssertEqual(StringBuilder source, string expression, int value) => source.AppendLine().Append(
        CultureInfo.InvariantCulture, $"_Static_assert(({expression}) == {value}, \"{expression}\");");
}
