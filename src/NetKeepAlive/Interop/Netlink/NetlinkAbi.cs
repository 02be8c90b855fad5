namespace NetKeepAlive.Interop.Netlink;

/// <summary>
/// The numbers and sizes of netlink(7) and sock_diag(7), the same on every 64-bit Linux: <c>linux/netlink.h</c>,
/// <c>linux/sock_diag.h</c>, <c>linux/inet_diag.h</c>, <c>linux/tcp.h</c>. All fields are in the machine's byte order
/// but for ports and addresses. A test compiles these against the headers.
/// </summary>
internal static class NetlinkAbi
{
    internal const int AfNetlink = 16;
    internal const int SockRaw = 3;
    internal const int NetlinkSockDiag = 4;
    internal const int ProtocolTcp = 6;
    internal const int ProtocolUdp = 17;

    // struct sockaddr_nl: family, padding, nl_pid (the kernel's is 0), nl_groups
    internal const int AddressSize = 12;
    internal const int AddressGroups = 8;

    // enum sknetlink_groups, as bits of nl_groups
    internal const uint GroupTcpDestroy = 1u << 0;
    internal const uint GroupTcp6Destroy = 1u << 2;

    // struct nlmsghdr
    internal const int HeaderSize = 16;
    internal const int HeaderType = 4;
    internal const int HeaderFlags = 6;
    internal const int HeaderSequence = 8;
    internal const ushort MessageNoop = 1;
    internal const ushort MessageError = 2;
    internal const ushort MessageDone = 3;
    internal const ushort FlagRequest = 0x01;
    internal const ushort FlagAck = 0x04;
    internal const ushort FlagDumpInterrupted = 0x10;
    internal const ushort FlagDump = 0x300;

    // struct nlattr
    internal const int AttributeHeaderSize = 4;
    internal const ushort AttributeTypeMask = 0x3fff;

    // sock_diag
    internal const ushort SockDiagByFamily = 20;
    internal const ushort SockDestroy = 21;

    // struct inet_diag_req_v2
    internal const int RequestSize = 56;
    internal const int RequestProtocol = 1;
    internal const int RequestExtensions = 2;
    internal const int RequestStates = 4;
    internal const int RequestId = 8;
    internal const ushort RequestBytecode = 1;

    // struct inet_diag_sockid
    internal const int IdSize = 48;
    internal const int IdSourcePort = 0;
    internal const int IdDestinationPort = 2;
    internal const int IdSource = 4;
    internal const int IdDestination = 20;
    internal const int IdInterface = 36;
    internal const int IdCookie = 40;

    // struct inet_diag_msg
    internal const int RecordSize = 72;
    internal const int RecordFamily = 0;
    internal const int RecordState = 1;
    internal const int RecordTimer = 2;
    internal const int RecordRetransmits = 3;
    internal const int RecordId = 4;
    internal const int RecordExpires = 52;
    internal const int RecordReceiveQueue = 56;
    internal const int RecordSendQueue = 60;
    internal const int RecordUser = 64;
    internal const int RecordInode = 68;
    internal const ushort ExtensionInfo = 2;

    // INET_DIAG_SKMEMINFO: an array of u32, of which SK_MEMINFO_DROPS is the ninth
    internal const ushort ExtensionMemory = 7;
    internal const int MemoryDrops = 8 * sizeof(uint);

    // INET_DIAG_ULP_INFO and, in it, INET_ULP_INFO_NAME
    internal const ushort ExtensionUpperLayer = 19;
    internal const ushort UpperLayerName = 1;

    // struct unix_diag_req: linux/unix_diag.h
    internal const int UnixRequestSize = 24;
    internal const int UnixRequestStates = 4;
    internal const int UnixRequestShow = 12;
    internal const int UnixRequestCookie = 16;
    internal const uint UnixShowName = 0x01;
    internal const uint UnixShowPeer = 0x04;
    internal const uint UnixShowConnecting = 0x08;
    internal const uint UnixShowQueues = 0x10;
    internal const uint UnixShowUser = 0x40;

    // struct unix_diag_msg
    internal const int UnixRecordSize = 16;
    internal const int UnixRecordType = 1;
    internal const int UnixRecordState = 2;
    internal const int UnixRecordInode = 4;
    internal const int UnixRecordCookie = 8;
    internal const byte UnixTypeStream = 1;
    internal const byte UnixTypeDatagram = 2;
    internal const ushort UnixName = 0;
    internal const ushort UnixPeer = 2;
    internal const ushort UnixConnecting = 3;
    internal const ushort UnixQueues = 4;
    internal const ushort UnixUser = 7;

    // The kernel's own states: net/tcp_states.h
    internal const int StateEstablished = 1;
    internal const int StateSynSent = 2;
    internal const int StateSynReceived = 3;
    internal const int StateFinWait1 = 4;
    internal const int StateFinWait2 = 5;
    internal const int StateTimeWait = 6;
    internal const int StateClose = 7;
    internal const int StateCloseWait = 8;
    internal const int StateLastAck = 9;
    internal const int StateListen = 10;
    internal const int StateClosing = 11;

    /// <summary>A connection request that has no socket yet; the kernel reports it as <see
    /// cref="StateSynReceived"/>.</summary>
    internal const int StateNewSynReceived = 12;

    /// <summary>A socket that was bound and neither listens nor is connected; reported as <see
    /// cref="StateClose"/>.</summary>
    internal const int StateBoundInactive = 13;

    // struct inet_diag_bc_op and struct inet_diag_hostcond
    internal const int OperationSize = 4;
    internal const int PortComparisonSize = 2 * OperationSize;
    internal const int HostConditionSize = 8;
    internal const int HostConditionPort = 4;
    internal const byte OperationJump = 1;
    internal const byte OperationSourceAtLeast = 2;
    internal const byte OperationSourceAtMost = 3;
    internal const byte OperationDestinationAtLeast = 4;
    internal const byte OperationDestinationAtMost = 5;
    internal const byte OperationSourceCondition = 7;
    internal const byte OperationDestinationCondition = 8;

    /// <summary>Writes a <c>sockaddr_nl</c>: the kernel itself, or the groups to listen to.</summary>
    internal static void WriteAddress(System.Span<byte> address, uint groups)
    {
        address.Clear();
        System.Runtime.InteropServices.MemoryMarshal.Write(address, (ushort)AfNetlink);
        System.Runtime.InteropServices.MemoryMarshal.Write(address[AddressGroups..], groups);
    }

    /// <summary>What messages and attributes are padded to: <c>NLMSG_ALIGNTO</c>.</summary>
    internal const int Alignment = 4;

    /// <summary>Rounds up to the alignment.</summary>
    internal static int Align(int length) => (length + Alignment - 1) & ~(Alignment - 1);
}
