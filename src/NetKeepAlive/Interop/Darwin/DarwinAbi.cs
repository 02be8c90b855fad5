using System;

namespace NetKeepAlive.Interop.Darwin;

/// <summary>macOS, x64 and arm64: xnu <c>bsd/sys/socket.h</c>, <c>bsd/sys/un.h</c>, <c>bsd/sys/poll.h</c>.</summary>
internal static class DarwinAbi
{
    internal static Abi Create() => new()
    {
        Platform = Platform.Darwin,
        AfUnix = 1,
        AfInet = 2,
        AfInet6 = 30,
        SolSocket = 0xffff,
        SockStream = 1,
        SockDgram = 2,
        SockSeqpacket = 5,
        SockCloexec = Abi.None,
        MsgPeek = 0x02,
        MsgDontWait = 0x80,
        MsgTrunc = 0x10,
        MsgCtrunc = 0x20,
        MsgNoSignal = 0x80000,
        MsgCmsgCloexec = Abi.None,
        MsgFullLength = Abi.None, // MSG_TRUNC is told, never read: bsd/kern/uipc_socket.c, soreceive
        MsgSendDontWait = 0x80 | 0x20000, // MSG_NBIO of bsd/sys/socket_private.h: MSG_DONTWAIT is not looked at in sosend
        ScmRights = 0x01,
        ScmCredentials = Abi.None,
        ScmTimestamp = 0x02,
        PollIn = 0x001,
        PollOut = 0x004,
        PollErr = 0x008,
        PollHup = 0x010,
        PollNval = 0x020,
        PollEnd = 0x010, // bsd/kern/sys_generic.c, poll_nocancel: asked for, it is the end of what comes, or an error
        PollFailure = 0x010,
        PollTellsError = 0x010,
        PollForgetsEnds = true, // the same: EV_ONESHOT
        MsgHdr = new MsgHdrLayout(
            Size: 48, Name: 0, NameLength: 8, Iov: 16, IovLength: 24, IovLengthSize: 4,
            Control: 32, ControlLength: 40, ControlLengthSize: 4, Flags: 44),
        Cmsg = new CmsgLayout(LengthSize: 4, Alignment: 4),
        SockAddrUn = new SockAddrUnLayout(HasLengthByte: true, PathSize: 104),
        HasSeqpacket = false,
        HasAbstractNames = false,
        HasMessageCredentials = false,
        HasMessageVectors = false,
        ListenerHandsDownOptions = false,
        BindTakesMode = false, // bsd/kern/uipc_usrreq.c, unp_bind: the umask alone, and FOLLOW
        BindSeesWildcards = false, // bsd/netinet/in_pcb.c, in_pcbbind, and bsd/netinet6/in6_pcb.c: wild is 0
        UnixConnectWaits = false, // bsd/kern/uipc_usrreq.c, unp_connect: sonewconn or ECONNREFUSED
        EndedDirectionsMayEnd = false, // bsd/kern/uipc_socket.c, soshutdown, soshutdownlock_final
        EndedSocketsTakeOptions = false, // bsd/kern/uipc_socket.c, sosetoptlock
        UnixSocketsHaveLevels = false, // bsd/kern/uipc_usrreq.c, uipc_ctloutput
        FullQueueErrno = Errno.ENOBUFS.Darwin, // bsd/kern/uipc_usrreq.c, uipc_send
        TryAgainErrno = Errno.EPROTOTYPE.Darwin, // bsd/netinet/tcp_usrreq.c, tcp_usr_send, with a VPN's flow divert
        FullStreamErrno = Errno.EMSGSIZE.Darwin, // bsd/kern/uipc_socket.c, sosendcheck: clen > sb_hiwat
        PeekControlSize = 12, // bsd/kern/uipc_syscalls.c, copyout_control: with none at all it says nothing
        SocketsAreNonBlocking = true,
        LongestMessage = 8 << 20, // kern.ipc.maxsockbuf
        DatagramBufferSize = 256 * 1024, // unpdg_sendspace is 2 KiB, the longest datagram; unpdg_recvspace 4 KiB
        HasSendFile = false,
        HasSocketTables = false,
        HasProcFiles = false,
        SocketsOfProcess = LibProc.Sockets,
        UserTimeoutEndsProbes = false, // bsd/netinet/tcp_timer.c, tcp_timers
        TcpInfo = new TcpInfoOption(
            TcpConnectionInfo.Option, "TCP_CONNECTION_INFO", static bytes => TcpConnectionInfo.ToTcpInfo(bytes.Span),
            TcpConnectionInfo.Told, static bytes => TcpConnectionInfo.SendQueue(bytes)),
        TellsRetries = false,
        SystemKeepAlive = new SystemNumbers( // bsd/netinet/tcp_timer.c, sysctl_msec_to_ticks
            "net.inet.tcp.keepidle", "net.inet.tcp.keepintvl", "net.inet.tcp.keepcnt",
            TimeSpan.TicksPerMillisecond, Libc.GetSysctl, Sysctl.Write),
        IsListening = SocketFdInfo.IsListening,
        GetPeerCredential = PeerCred.Get,
    };
}
