using System;
using NetKeepAlive.Interop.Netlink;

namespace NetKeepAlive.Interop.Linux;

/// <summary>Linux, 64-bit, x64 and arm64: <c>asm-generic/socket.h</c>, <c>bits/socket.h</c>, <c>sys/un.h</c>.</summary>
internal static class LinuxAbi
{
    internal static Abi Create() => new()
    {
        Platform = Platform.Linux,
        AfUnix = 1,
        AfInet = 2,
        AfInet6 = 10,
        SolSocket = 1,
        SockStream = 1,
        SockDgram = 2,
        SockSeqpacket = 5,
        SockCloexec = 0x80000,
        MsgPeek = 0x02,
        MsgDontWait = 0x40,
        MsgTrunc = 0x20,
        MsgCtrunc = 0x08,
        MsgNoSignal = 0x4000,
        MsgCmsgCloexec = 0x40000000,
        MsgFullLength = 0x20, // MSG_TRUNC
        MsgSendDontWait = 0x40, // MSG_DONTWAIT
        ScmRights = 1,
        ScmCredentials = 2,
        ScmTimestamp = 29,
        PollIn = 0x001,
        PollOut = 0x004,
        PollErr = 0x008,
        PollHup = 0x010,
        PollNval = 0x020,
        PollEnd = 0x2000, // POLLRDHUP
        PollFailure = 0,
        PollTellsError = 0x008,
        PollForgetsEnds = false,
        MsgHdr = new MsgHdrLayout(
            Size: 56, Name: 0, NameLength: 8, Iov: 16, IovLength: 24, IovLengthSize: 8,
            Control: 32, ControlLength: 40, ControlLengthSize: 8, Flags: 48),
        Cmsg = new CmsgLayout(LengthSize: 8, Alignment: 8),
        SockAddrUn = new SockAddrUnLayout(HasLengthByte: false, PathSize: 108),
        HasSeqpacket = true,
        HasAbstractNames = true,
        HasMessageCredentials = true,
        HasMessageVectors = true,
        ListenerHandsDownOptions = true, // tcp(7); sk_clone in net/core/sock.c
        BindTakesMode = true, // unix(7); unix_bind_bsd in net/unix/af_unix.c
        BindSeesWildcards = true,
        UnixConnectWaits = true, // unix_stream_connect in net/unix/af_unix.c
        EndedDirectionsMayEnd = true,
        EndedSocketsTakeOptions = true,
        UnixSocketsHaveLevels = true,
        FullQueueErrno = Abi.None,
        TryAgainErrno = Abi.None,
        FullStreamErrno = Abi.None,
        PeekControlSize = 0,
        SocketsAreNonBlocking = false,
        LongestMessage = (4 << 20) + (1 << 17), // 4 MiB of contiguous memory and 17 pages: net/core/sock.c
        DatagramBufferSize = 0,
        HasSendFile = true,
        HasSocketTables = true,
        HasProcFiles = true,
        SocketsOfProcess = null,
        UserTimeoutEndsProbes = true, // net/ipv4/tcp_timer.c, tcp_keepalive_timer
        TcpInfo = new TcpInfoOption(
            TcpInfoLayout.Option, "TCP_INFO", static bytes => bytes, Told: null, SendQueue: static _ => null),
        TellsRetries = true,
        SystemKeepAlive = new SystemNumbers(
            "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes",
            TimeSpan.TicksPerSecond, ProcSys.Read, ProcSys.Write),
        IsListening = LinuxSocket.IsListening,
        GetPeerCredential = LinuxSocket.GetPeerCredential,
    };
}
